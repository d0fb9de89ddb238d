package dev.pbp.testing;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** The installed programs that tests in a browser use: nothing is downloaded for them. */
public final class BrowserPrograms {
    private BrowserPrograms() {}

    /** What is missing, and what to do; empty if nothing is. */
    public static Optional<String> complaint() {
        List<String> missing = new ArrayList<>();
        if (find("PBP_CHROMIUM", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
                .isEmpty()) {
            missing.add("Chromium");
        }
        if (find("PBP_NODE", "node", "nodejs").isEmpty()) {
            missing.add("Node.js");
        }
        return missing.isEmpty()
                ? Optional.empty()
                : Optional.of("not found: " + String.join(", ", missing)
                        + " (Debian: apt-get install chromium nodejs; or set PBP_CHROMIUM, PBP_NODE)");
    }

    /** Chromium, or a browser of its kind; there must be one. */
    public static Path chromium() {
        return find("PBP_CHROMIUM", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
                .orElseThrow();
    }

    /** Chromium without all that is around its pages; tabs open faster. Not if another browser is named. */
    static Optional<Path> shell() {
        return System.getenv("PBP_CHROMIUM") == null
                ? find("PBP_CHROMIUM_SHELL", "chromium-headless-shell")
                : Optional.empty();
    }

    /** Node.js, which drives it; it must be there. */
    public static Path node() {
        return find("PBP_NODE", "node", "nodejs").orElseThrow();
    }

    private static Optional<Path> find(String variable, String... names) {
        String named = System.getenv(variable);
        if (named != null) {
            return Optional.of(Path.of(named)).filter(Files::isExecutable);
        }
        String path = System.getenv("PATH");
        return Stream.of(names)
                .flatMap(name -> Stream.of((path == null ? "" : path).split(File.pathSeparator))
                        .filter(folder -> !folder.isEmpty())
                        .map(folder -> Path.of(folder, name)))
                .filter(Files::isExecutable)
                .findFirst();
    }
}
