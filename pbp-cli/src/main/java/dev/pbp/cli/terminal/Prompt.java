package dev.pbp.cli.terminal;

import java.util.Optional;

/** Asks the person at the terminal, if there is one. */
public final class Prompt {
    private final Console console;

    /**
     * Keeps the console.
     *
     * @param console questions go to its standard error
     */
    public Prompt(Console console) {
        this.console = console;
    }

    /**
     * Returns only if the answer is the expected one.
     *
     * @param question ends with a space
     * @param expected the answer
     * @param refusal what is not done with any other answer
     * @param option the option that answers in advance
     * @throws CommandException if it is another one, or there is no terminal
     */
    public void requireAnswer(String question, String expected, String refusal, String option) {
        java.io.Console terminal = Terminal.ofProcess().orElse(null);
        if (terminal == null) {
            throw new CommandException(refusal + ": there is no terminal to ask at; say " + option + " if you mean it");
        }
        console.err().print(question);
        console.err().flush();
        String answer = terminal.readLine();
        if (answer == null || !answer.strip().equals(expected)) {
            throw new CommandException(refusal + ": the answer was not " + expected);
        }
    }

    /**
     * Asks for a password, which is not shown.
     *
     * @param question ends with a space
     * @return empty if there is no terminal, or nothing was typed
     */
    public Optional<String> password(String question) {
        return Terminal.ofProcess()
                .map(terminal -> terminal.readPassword("%s", question))
                .filter(typed -> typed.length > 0)
                .map(String::new);
    }
}
