package dev.pbp.cli.terminal;

import java.util.List;

/** Shows lines: in the place of those before at a terminal, else below them. */
public final class LiveScreen {
    private static final String TO_THE_TOP = "\u001b[H";
    private static final String CLEAR_REST_OF_LINE = "\u001b[K";
    private static final String CLEAR_BELOW = "\u001b[J";

    private final Console console;
    private final boolean inPlace;

    /**
     * Keeps where to show lines.
     *
     * @param console the lines go to its output
     * @param inPlace whether to overwrite the lines shown before
     */
    public LiveScreen(Console console, boolean inPlace) {
        this.console = console;
        this.inPlace = inPlace;
    }

    /**
     * Shows lines. Each is overwritten, not the screen cleared: nothing flickers.
     *
     * @param lines without their ends
     */
    public void show(List<String> lines) {
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
