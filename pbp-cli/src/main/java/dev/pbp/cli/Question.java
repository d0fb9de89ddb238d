package dev.pbp.cli;

import java.lang.reflect.Method;

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
        java.io.Console terminal = System.console();
        if (terminal == null || !isTerminal(terminal)) {
            throw new Failure(refusal + ": there is no terminal to ask at; say " + option + " if you mean it");
        }
        console.err().print(question);
        console.err().flush();
        String answer = terminal.readLine();
        if (answer == null || !answer.strip().equals(expected)) {
            throw new Failure(refusal + ": the answer was not " + expected);
        }
    }

    /** From Java 22 on there is a console also where there is no terminal, and a method that tells. */
    private static boolean isTerminal(java.io.Console terminal) {
        try {
            Method method = java.io.Console.class.getMethod("isTerminal");
            return (boolean) method.invoke(terminal);
        } catch (NoSuchMethodException before22) {
            return true;
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("Console.isTerminal is public and throws nothing", e);
        }
    }
}
