package dev.pbp.cli.embedded;

import java.io.IOException;
import java.io.InputStream;
import java.util.Locale;
import java.util.Properties;

/**
 * The PostgreSQL that was built into the jar.
 *
 * @param version such as {@code 18.6.0}
 * @param platform such as {@code linux-amd64}
 */
record PostgresBuild(String version, String platform) {
    static PostgresBuild ofThisJar() {
        Properties properties = new Properties();
        try (InputStream in = PostgresBuild.class.getResourceAsStream("postgres.properties")) {
            properties.load(in);
        } catch (IOException e) {
            throw new EmbeddedServerException("the jar's own postgres.properties cannot be read (" + e + ")", e);
        }
        return new PostgresBuild(properties.getProperty("version"), properties.getProperty("platform"));
    }

    String major() {
        return version.substring(0, version.indexOf('.'));
    }

    /** The archive's name in the jar, for the machine that this runs on. */
    static String archive() {
        String system = System.getProperty("os.name").toLowerCase(Locale.ROOT);
        String arch = System.getProperty("os.arch").toLowerCase(Locale.ROOT);
        String family = system.startsWith("mac") ? "darwin" : system.startsWith("linux") ? "linux" : system;
        String processor = switch (arch) {
            case "amd64", "x86_64" -> "x86_64";
            case "aarch64", "arm64" -> "arm_64";
            default -> arch;
        };
        return "postgres-" + family + "-" + processor + ".txz";
    }
}
