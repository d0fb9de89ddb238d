package dev.pbp.cli;

import java.util.Optional;

/** Asks the person at the terminal, if there is one. */
final class Question {
    private final Console console;

    Question(Console console) {
        this.console = console;
    }

    /**
     * Goes on only if the answer is the expected one.
     *
     * @throws Failure if it is another one, or if there is nobody to ask
     */
    void requireAnswer(String question, String expected, String refusal, String option) {
        java.io.Console terminal = Terminal.ofProcess().orElse(null);
        if (terminal == null) {
            throw new Failure(refusal + ": there is no terminal to ask at; say " + option + " if you mean it");
        }
        console.err().print(question);
        console.err().flush();
        String answer = terminal.readLine();
        if (answer == null || !answer.strip().equals(expected)) {
            throw new Failure(refusal + ": the answer was not " + expected);
        }
    }

    /** Asks for a password, which is not shown; empty if there is nobody to ask, or nothing was typed. */
    Optional<String> password(String question) {
        return Terminal.ofProcess()
                .map(terminal -> terminal.readPassword("%s", question))
                .filter(typed -> typed.length > 0)
                .map(String::new);
    }
}
