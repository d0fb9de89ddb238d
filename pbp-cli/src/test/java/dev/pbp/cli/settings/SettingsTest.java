package dev.pbp.cli.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pbp.testing.Evidence;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SettingsTest {
    private static Settings settings(Map<Setting, String> options, Map<String, String> environment) {
        return new Settings(options, environment, "me");
    }

    private static PostgresAddress external(Map<Setting, String> options, Map<String, String> environment) {
        return ((ServerChoice.External) settings(options, environment).server(null)).address();
    }

    @Nested
    class TheServer {
        @Test
        void isTheEmbeddedOneByDefault() {
            assertThat(settings(Map.of(), Map.of("HOME", "/home/me")).server(null))
                    .isEqualTo(
                            new ServerChoice.Embedded(Path.of("/home/me/.local/share/pbp"), "default", "helloworld"));
            assertThat(settings(Map.of(), Map.of("HOME", "/home/me", "XDG_DATA_HOME", "/x"))
                            .server(null))
                    .isEqualTo(new ServerChoice.Embedded(Path.of("/x/pbp"), "XDG_DATA_HOME", "helloworld"));
            assertThat(settings(Map.of(), Map.of("XDG_DATA_HOME", "/x", "PBP_DATA", "/y"))
                            .server(null))
                    .isEqualTo(new ServerChoice.Embedded(Path.of("/y"), "PBP_DATA", "helloworld"));
            assertThat(settings(Map.of(Setting.DATA, "/z"), Map.of("PBP_DATA", "/y"))
                            .server(null))
                    .isEqualTo(new ServerChoice.Embedded(Path.of("/z"), "--data", "helloworld"));
        }

        @Test
        void isTakenFromTheStrongestSource() {
            Map<String, String> all =
                    Map.of("PBP_URL", "postgres://b/d", "DATABASE_URL", "postgres://c/d", "PGHOST", "e");
            assertThat(external(Map.of(Setting.URL, "postgres://a/d"), all)).hasToString("me@a:5432/d");
            assertThat(external(Map.of(), all)).hasToString("me@b:5432/d");
            assertThat(external(Map.of(), Map.of("DATABASE_URL", "postgres://c/d", "PGHOST", "e")))
                    .hasToString("me@c:5432/d");
            assertThat(external(Map.of(), Map.of("PGHOST", "e", "PBP_URL", ""))).hasToString("me@e:5432/me");
        }

        @Test
        void isReadFromLibpqsVariablesOnceThereIsAHost() {
            assertThat(external(
                                    Map.of(),
                                    Map.of(
                                            "PGHOST", "a,b",
                                            "PGPORT", "1,2",
                                            "PGUSER", "u",
                                            "PGDATABASE", "d",
                                            "PGSSLMODE", "require"))
                            .jdbcUrl())
                    .isEqualTo("jdbc:postgresql://a:1,b:2/d?sslmode=require");
            assertThat(settings(Map.of(), Map.of("PGPORT", "1", "PGUSER", "u", "HOME", "/h"))
                            .server(null))
                    .isInstanceOf(ServerChoice.Embedded.class);
        }

        @Test
        void takesFromLibpqsVariablesWhatAUrlDoesNotSay() {
            Map<String, String> variables = Map.of(
                    "PGPORT",
                    "7",
                    "PGDATABASE",
                    "e",
                    "PGSSLROOTCERT",
                    "/ca",
                    "PGSSLCERT",
                    "/c",
                    "PGSSLKEY",
                    "/k",
                    "PGAPPNAME",
                    "x",
                    "PGCONNECT_TIMEOUT",
                    "3",
                    "PGTARGETSESSIONATTRS",
                    "read-write");
            assertThat(external(Map.of(Setting.URL, "postgres://h"), variables).jdbcUrl())
                    .isEqualTo("jdbc:postgresql://h:7/e?ApplicationName=x&connectTimeout=3&sslcert=/c&sslkey=/k"
                            + "&sslrootcert=/ca&targetServerType=primary");
            assertThat(external(Map.of(Setting.URL, "postgres://h:1/d?sslrootcert=/own&application_name=y"), variables)
                            .jdbcUrl())
                    .contains("h:1/d?", "sslrootcert=/own", "ApplicationName=y");
        }

        @Test
        void trustsJavasAuthoritiesAsLibpqTrustsTheSystems() {
            assertThat(external(Map.of(Setting.URL, "postgres://h/d"), Map.of("PGSSLROOTCERT", "system")))
                    .satisfies(address -> assertThat(address.jdbcUrl())
                            .isEqualTo("jdbc:postgresql://h:5432/d?sslfactory=org.postgresql.ssl.DefaultJavaSSLFactory"
                                    + "&sslmode=verify-full"))
                    .satisfies(address -> assertThat(address.uri()).contains("sslmode=verify-full&sslrootcert=system"));
            assertThatThrownBy(() -> external(
                            Map.of(Setting.URL, "postgres://h/d?sslrootcert=system&sslmode=require"), Map.of()))
                    .hasMessageContaining("needs sslmode=verify-full");
            assertThatThrownBy(() -> external(
                            Map.of(Setting.URL, "postgres://h/d?sslrootcert=system"), Map.of("PGSSLKEY", "/k")))
                    .hasMessageContaining("sslkey is not supported with sslrootcert=system");
        }

        @Test
        @Evidence(
                guarantee = "command-line",
                claim = "None of libpq's parameters and variables is ignored",
                brokenOnce = "LibpqEnvironment.complete: unsupported variables passed over")
        void rejectsByNameWhatOfLibpqIsNotSupported() {
            for (LibpqParameter parameter : LibpqParameter.values()) {
                if (parameter.isSupported()) {
                    continue;
                }
                if (parameter.isParameter()) {
                    assertThatThrownBy(() -> external(
                                    Map.of(Setting.URL, "postgres://h/d?" + parameter.key() + "=odd"), Map.of()))
                            .hasMessageStartingWith("--url: ")
                            .hasMessageContaining("libpq's " + parameter.key() + " is not supported");
                }
                String variable = parameter.variable();
                if (variable != null) {
                    for (String url : new String[] {"postgres://h/d", "jdbc:postgresql://h/d"}) {
                        assertThatThrownBy(() -> external(Map.of(Setting.URL, url), Map.of(variable, "odd")))
                                .hasMessageStartingWith(variable + ": ")
                                .hasMessageContaining("is not supported");
                    }
                    parameter
                            .accepted()
                            .forEach(value -> assertThat(
                                            external(Map.of(Setting.URL, "postgres://h/d"), Map.of(variable, value)))
                                    .hasToString("me@h:5432/d"));
                }
            }
            assertThatThrownBy(() -> settings(Map.of(), Map.of("PGSERVICE", "prod", "HOME", "/h"))
                            .server(null))
                    .as("else the embedded server would be used")
                    .hasMessageStartingWith("PGSERVICE: ");
        }

        @Test
        void namesTheVariableThatIsWrong() {
            assertThatThrownBy(() -> external(Map.of(), Map.of("PGHOST", "/run/postgresql")))
                    .hasMessageStartingWith("PGHOST: ")
                    .hasMessageContaining("Unix socket");
            assertThatThrownBy(() -> external(Map.of(), Map.of("PGHOST", "a", "PGPORT", "x")))
                    .hasMessageStartingWith("PGPORT: 'x' is not a port");
            assertThatThrownBy(() -> external(Map.of(), Map.of("PGHOST", "a,b,c", "PGPORT", "1,2")))
                    .hasMessageStartingWith("PGPORT: 2 ports for 3 hosts");
            assertThatThrownBy(() -> external(Map.of(), Map.of("DATABASE_URL", "x")))
                    .hasMessageStartingWith("DATABASE_URL: ");
            assertThatThrownBy(() -> external(Map.of(Setting.URL, ""), Map.of()))
                    .hasMessageStartingWith("--url: ");
        }
    }

    @Nested
    class TheDatabase {
        @Test
        void isTheArgumentsThenTheOptionsThenTheUrls() {
            Settings settings = settings(Map.of(Setting.URL, "postgres://a/d", Setting.DB, "e"), Map.of());
            assertThat(settings.server(new SettingValue("f", "DB")).database()).isEqualTo("f");
            assertThat(settings.server(null).database()).isEqualTo("e");
            assertThat(settings(Map.of(Setting.DB, "e"), Map.of("HOME", "/h"))
                            .server(null)
                            .database())
                    .isEqualTo("e");
        }

        @Test
        void replacesThatOfAUrlFromTheSameOrAWeakerSource() {
            String url = "postgres://a/d";
            assertThat(external(Map.of(), Map.of("PBP_URL", url, "PBP_DB", "e")).database())
                    .isEqualTo("e");
            assertThat(external(Map.of(Setting.DB, "e"), Map.of("PBP_URL", url)).database())
                    .isEqualTo("e");
            assertThat(external(Map.of(Setting.URL, url), Map.of("PBP_DB", "e")).database())
                    .isEqualTo("d");
        }

        @Test
        void hasANameThatPostgresTakesWhole() {
            Settings settings = settings(Map.of(), Map.of("HOME", "/h"));
            assertThat(settings.server(new SettingValue("ö".repeat(31), "DB")).database())
                    .hasSize(31);
            assertThatThrownBy(() -> settings.server(new SettingValue("ö".repeat(32), "DB")))
                    .hasMessageContaining("got 64");
            assertThatThrownBy(() -> settings.server(new SettingValue("", "DB")))
                    .hasMessageContaining("got 0");
        }
    }

    @Nested
    class ThePassword {
        @TempDir
        @SuppressWarnings("NullAway.Init")
        Path folder;

        private Path passFile(String name, String text) throws IOException {
            Path file = Files.writeString(folder.resolve(name), text);
            return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        }

        private String found(String url, Map<String, String> environment) {
            Settings settings = settings(Map.of(Setting.URL, url), environment);
            return settings.password(external(Map.of(Setting.URL, url), environment), "--url")
                    .orElse("none");
        }

        @Test
        void isTheUrlsThenItsFilesThenTheEnvironments() throws IOException {
            Path named = passFile("named", "h:5432:d:u:from-named\n");
            passFile(".pgpass", "# h:5432:d:u:no\n*:*:*:other:no\n*:5432:d:u:from-home\n");
            Path variable = passFile("variable", "h:5432:*:u:from-variable\n");
            String home = folder.toString();
            assertThat(found("postgres://u:own@h/d", Map.of("PGPASSWORD", "env")))
                    .isEqualTo("own");
            assertThat(found("postgres://u@h/d?passfile=" + named, Map.of("PGPASSWORD", "env")))
                    .isEqualTo("from-named");
            assertThat(found("postgres://u@h/d", Map.of("PGPASSWORD", "env", "HOME", home)))
                    .isEqualTo("env");
            assertThat(found("postgres://u@h/d", Map.of("PGPASSFILE", variable.toString(), "HOME", home)))
                    .isEqualTo("from-variable");
            assertThat(found("postgres://u@h/d", Map.of("HOME", home))).isEqualTo("from-home");
            assertThat(found("postgres://u@h/e", Map.of("HOME", home))).isEqualTo("none");
        }

        @Test
        void mayHoldColonsAndBackslashesInAFile() throws IOException {
            Path other = passFile("g", "h:*:*:a\\:b:p\\:q\\\\r:s\n");
            assertThat(found("postgres://a%3Ab@h/d?passfile=" + other, Map.of()))
                    .isEqualTo("p:q\\r:s");
        }

        @Test
        void isNotTakenFromAFileThatOthersCanRead() throws IOException {
            Path file = passFile("f", "*:*:*:*:p\n");
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
            assertThatThrownBy(() -> found("postgres://u@h/d?passfile=" + file, Map.of()))
                    .hasMessageStartingWith("--url: ")
                    .hasMessageContaining("chmod 600");
            assertThatThrownBy(() -> found("postgres://u@h/d", Map.of("PGPASSFILE", "/nowhere")))
                    .hasMessageStartingWith("PGPASSFILE: ")
                    .hasMessageContaining("/nowhere");
        }
    }

    @Nested
    class TheSite {
        @Test
        void listensOnLoopbackByDefault() {
            Settings settings = settings(Map.of(), Map.of());
            assertThat(settings.port()).isEqualTo(8888);
            assertThat(settings.bind()).isEqualTo("127.0.0.1");
            assertThat(settings.channels()).containsExactly("hello");
        }

        @Test
        void readsSizesAsPostgresWritesThem() {
            assertThat(settings(Map.of(), Map.of()).maxStatement()).isEmpty();
            Map.of(
                            "8MB",
                            "8388608",
                            "512 kB",
                            "524288",
                            "1",
                            "1",
                            "8388608B",
                            "8388608",
                            "1GB",
                            "1073741824",
                            "none",
                            "none")
                    .forEach((given, size) -> assertThat(
                                    settings(Map.of(Setting.MAX_STATEMENT, given), Map.of("PBP_MAX_STATEMENT", "1TB"))
                                            .maxStatement())
                            .contains(size));
            assertThat(settings(Map.of(), Map.of("PBP_MAX_STATEMENT", "1TB")).maxStatement())
                    .contains("1099511627776");
            for (String bad : new String[] {"0", "-1", "8mb", "1.5MB", "MB", "9999999999TB", "None"}) {
                assertThatThrownBy(() -> settings(Map.of(), Map.of("PBP_MAX_STATEMENT", bad))
                                .maxStatement())
                        .hasMessage(
                                "PBP_MAX_STATEMENT: '" + bad
                                        + "' is not a size: expected none, or at least 1 B, in B, kB, MB, GB or TB, such as 8MB");
            }
        }

        @Test
        void readsPortAndChannels() {
            assertThat(settings(Map.of(Setting.PORT, "0"), Map.of("PBP_PORT", "1"))
                            .port())
                    .isZero();
            assertThat(settings(Map.of(), Map.of("PBP_CHANNELS", "a, b")).channels())
                    .containsExactly("a", "b");
            assertThat(settings(Map.of(Setting.CHANNELS, ""), Map.of()).channels())
                    .isEmpty();
            assertThatThrownBy(
                            () -> settings(Map.of(), Map.of("PBP_PORT", "http")).port())
                    .hasMessage("PBP_PORT: 'http' is not a port: expected a number from 0 to 65535");
        }
    }
}
