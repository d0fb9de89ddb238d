package dev.pbp.cli;

import java.util.List;

/** Shows lines: in the place of those before at a terminal, else below them. */
final class Screen {
    private static final String TO_THE_TOP = "\u001b[H";
    private static final String CLEAR_REST_OF_LINE = "\u001b[K";
    private static final String CLEAR_BELOW = "\u001b[J";

    private final Console console;
    private final boolean inPlace;

    Screen(Console console, boolean inPlace) {
        this.console = console;
        this.inPlace = inPlace;
    }

    /** Each line is overwritten, not the screen cleared: nothing flickers. */
    void show(List<String> lines) {
        if (!inPlace) {
            lines.forEach(console::write);
            console.flush();
            return;
        }
        StringBuilder screen = new StringBuilder(TO_THE_TOP);
        lines.forEach(line -> screen.append(line).append(CLEAR_REST_OF_LINE).append('\n'));
        console.print(screen.append(CLEAR_BELOW).toString());
    }
}
