package dev.pbp.web;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** The installed programs that the browser tests use: nothing is downloaded for them. */
final class Programs {
    private Programs() {}

    static List<String> missing() {
        List<String> missing = new ArrayList<>();
        if (find("PBP_CHROMIUM", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
                .isEmpty()) {
            missing.add("Chromium");
        }
        if (find("PBP_NODE", "node", "nodejs").isEmpty()) {
            missing.add("Node");
        }
        return missing;
    }

    static Path chromium() {
        return find("PBP_CHROMIUM", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
                .orElseThrow();
    }

    static Path node() {
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
