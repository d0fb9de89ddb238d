package dev.pbp.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** Whole directories at a time. */
final class Directories {
    private Directories() {}

    static Path create() {
        try {
            return Files.createTempDirectory("pbp-private-server");
        } catch (IOException e) {
            throw new UncheckedIOException("no temporary directory: " + e.getMessage(), e);
        }
    }

    /** Copies what has permissions that a server insists on. */
    static void copy(Path from, Path to) {
        for (Path file : below(from)) {
            try {
                Files.copy(file, to.resolve(from.relativize(file).toString()), StandardCopyOption.COPY_ATTRIBUTES);
            } catch (IOException e) {
                throw new UncheckedIOException(file + " cannot be copied: " + e.getMessage(), e);
            }
        }
    }

    static void delete(Path directory) {
        List<Path> files =
                below(directory).stream().sorted(Comparator.reverseOrder()).toList();
        for (Path file : files) {
            try {
                Files.delete(file);
            } catch (IOException e) {
                throw new UncheckedIOException(file + " cannot be deleted: " + e.getMessage(), e);
            }
        }
    }

    private static List<Path> below(Path directory) {
        try (Stream<Path> files = Files.walk(directory)) {
            return files.toList();
        } catch (IOException e) {
            throw new UncheckedIOException(directory + " cannot be read: " + e.getMessage(), e);
        }
    }
}
