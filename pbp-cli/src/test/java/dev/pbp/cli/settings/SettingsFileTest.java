package dev.pbp.cli.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pbp.testing.Evidence;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Settings out of a file: which one, what may stand in it, and what is stronger. */
class SettingsFileTest {
    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path temporary;

    @SuppressWarnings("NullAway.Init")
    private Path folder;

    @SuppressWarnings("NullAway.Init")
    private Path home;

    @BeforeEach
    void folders() throws IOException {
        folder = Files.createDirectory(temporary.resolve("folder"));
        home = Files.createDirectory(temporary.resolve("home"));
    }

    private static Path write(Path file, String... lines) throws IOException {
        Files.createDirectories(file.getParent());
        Files.write(file, List.of(lines));
        return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    }

    private Settings read(Map<Setting, String> options, Map<String, String> more) {
        Map<String, String> environment = new HashMap<>(more);
        environment.put("HOME", home.toString());
        return Settings.read(options, environment, folder, "me");
    }

    private Settings read() {
        return read(Map.of(), Map.of());
    }

    private Settings read(String... lines) throws IOException {
        return read(
                Map.of(Setting.CONFIG, write(temporary.resolve("named"), lines).toString()), Map.of());
    }

    @Nested
    class TheFile {
        @Test
        void isTheOneThatWasNamedElseTheFoldersElseTheUsers() throws IOException {
            assertThat(read().port()).isEqualTo(8888);
            write(home.resolve(".config/pbp/pbp.properties"), "port=1");
            assertThat(read().port()).isEqualTo(1);
            Path xdg = write(temporary.resolve("xdg/pbp/pbp.properties"), "port=2");
            assertThat(read(Map.of(), Map.of("XDG_CONFIG_HOME", temporary + "/xdg"))
                            .port())
                    .isEqualTo(2);
            write(folder.resolve("pbp.properties"), "bind=::1");
            assertThat(read().bind()).isEqualTo("::1");
            assertThat(read().port()).as("only one file is read").isEqualTo(8888);
            assertThat(read(Map.of(), Map.of("PBP_CONFIG", xdg.toString())).port())
                    .isEqualTo(2);
            Path option = write(temporary.resolve("o"), "port=3");
            assertThat(read(Map.of(Setting.CONFIG, option.toString()), Map.of("PBP_CONFIG", xdg.toString()))
                            .port())
                    .isEqualTo(3);
        }

        @Test
        void hasToBeThereIfItWasNamed() {
            assertThatThrownBy(() -> read(Map.of(Setting.CONFIG, "/no/where"), Map.of()))
                    .isInstanceOf(InvalidSettingException.class)
                    .hasMessageStartingWith("--config: /no/where cannot be read");
            assertThatThrownBy(() -> read(Map.of(), Map.of("PBP_CONFIG", "/no/where")))
                    .hasMessageStartingWith("PBP_CONFIG: /no/where cannot be read");
        }

        @Test
        @Evidence(
                guarantee = "secrets",
                claim = "A settings file that others could have put into the working directory is not read",
                brokenOnce = "SettingsFile.read: `requireOwn` left out")
        void isNotTakenFromAFolderIfOthersCanWriteToIt() throws IOException {
            Path file = write(folder.resolve("pbp.properties"), "port=1");
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-rw-rw-"));
            assertThatThrownBy(() -> read())
                    .isInstanceOf(InvalidSettingException.class)
                    .hasMessageContaining("others can write to it")
                    .hasMessageContaining("run  chmod go-w '" + file + "'");
            assertThatThrownBy(() -> read(Map.of(Setting.CONFIG, file.toString()), Map.of()))
                    .hasMessageStartingWith("--config: " + file + " has mode rw-rw-rw-");
            Path link = Files.createSymbolicLink(temporary.resolve("link"), file);
            assertThatThrownBy(() -> read(Map.of(Setting.CONFIG, link.toString()), Map.of()))
                    .as("its target counts")
                    .hasMessageStartingWith("--config: " + file + " has mode rw-rw-rw-");
        }

        @Test
        @Evidence(
                guarantee = "secrets",
                claim = "A password is not taken from a settings file that everybody can read",
                brokenOnce = "Settings.server: `requireSecret` left out")
        void isForItsOwnerAloneIfItHoldsAPassword() throws IOException {
            Path file = write(folder.resolve("pbp.properties"), "url=postgres://u:geheim@h/d");
            assertThat(read().server(null)).isInstanceOf(ServerChoice.External.class);
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
            assertThatThrownBy(() -> read().server(null))
                    .isInstanceOf(InvalidSettingException.class)
                    .hasMessageContaining("run  chmod go= '" + file + "'")
                    .hasMessageNotContaining("geheim");
            write(file, "url=postgres://u@h/d");
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
            assertThat(read().server(null)).isInstanceOf(ServerChoice.External.class);
        }
    }

    @Nested
    class ItsLines {
        @Test
        @Evidence(
                guarantee = "secrets",
                claim = "The whole environment is stronger than the file",
                brokenOnce = "Settings.url: `PGHOST` not asked for")
        void areWeakerThanEnvironmentAndOption() throws IOException {
            write(folder.resolve("pbp.properties"), "port = 1", "url = postgres://file/d", "channels = grüße,b");
            assertThat(read().port()).isEqualTo(1);
            assertThat(read().channels()).containsExactly("grüße", "b");
            assertThat(read(Map.of(), Map.of("PBP_PORT", "2")).port()).isEqualTo(2);
            assertThat(read(Map.of(Setting.PORT, "3"), Map.of("PBP_PORT", "2")).port())
                    .isEqualTo(3);
            for (String variable : List.of("PBP_URL", "DATABASE_URL")) {
                assertThat(url(Map.of(variable, "postgres://b/d"))).isEqualTo("me@b:5432/d");
            }
            assertThat(url(Map.of("PGHOST", "e"))).isEqualTo("me@e:5432/me");
            assertThat(url(Map.of("PGUSER", "u"))).isEqualTo("u@file:5432/d");
        }

        private String url(Map<String, String> environment) {
            return ((ServerChoice.External) read(Map.of(), environment).server(null))
                    .address()
                    .toString();
        }

        @Test
        void nameWhatThereIsAndNothingElse() {
            assertThatThrownBy(() -> read("prot=1"))
                    .isInstanceOf(InvalidSettingException.class)
                    .hasMessageStartingWith("prot in " + temporary + "/named: ")
                    .hasMessageContaining("did you mean port?");
            assertThatThrownBy(() -> read("config=x")).hasMessageContaining("no such setting");
        }

        @Test
        @Evidence(
                guarantee = "secrets",
                claim = "Of two lines for one setting none wins silently",
                brokenOnce = "SettingsFile.NoneTwice.put: throws nothing")
        void setNothingTwiceAndNothingToNothing() {
            assertThatThrownBy(() -> read("port=1", "port=1")).hasMessageContaining("is set twice");
            assertThatThrownBy(() -> read("port=").port()).hasMessageContaining("the value is empty");
        }

        @Test
        void areToldWithTheirValueAndTheirFile() {
            assertThatThrownBy(() -> read("port=http").port())
                    .hasMessage(
                            "port in " + temporary + "/named: 'http' is not a port: expected a number from 0 to 65535");
        }

        @Test
        void areUtf8() throws IOException {
            Path file = temporary.resolve("latin");
            Files.write(file, "channels=gr\u00fc\u00dfe".getBytes(StandardCharsets.ISO_8859_1));
            assertThatThrownBy(() -> read(Map.of(Setting.CONFIG, file.toString()), Map.of()))
                    .isInstanceOf(InvalidSettingException.class)
                    .hasMessageContaining("is not in UTF-8");
        }
    }

    @Nested
    class Shows {
        private String text(Settings settings) {
            StringBuilder text = new StringBuilder();
            settings.shown(null)
                    .forEach(one -> text.append(one.key())
                            .append(" = ")
                            .append(one.value())
                            .append(" (")
                            .append(one.source())
                            .append(")\n"));
            return text.toString();
        }

        @Test
        void eachValueWithItsSource() throws IOException {
            String file = write(temporary.resolve("f"), "port=0").toString();
            assertThat(text(read(Map.of(Setting.CONFIG, file, Setting.DB, "d"), Map.of("PBP_BIND", "::1"))))
                    .isEqualTo("config = " + file + " (--config)\n"
                            + "url = the embedded PostgreSQL (default)\n"
                            + "database = d (--db)\n"
                            + "data = " + home + "/.local/share/pbp (default)\n"
                            + "port = 0 (port in " + file + ")\n"
                            + "bind = ::1 (PBP_BIND)\n"
                            + "hosts = none (default)\n"
                            + "tables = every tracked table (default)\n"
                            + "writable = testtype (default)\n"
                            + "channels = hello (default)\n"
                            + "pages = none (default)\n"
                            + "tokens = none: the site is open to every client that reaches it (default)\n"
                            + "open = false (default)\n"
                            + "trusted-proxies = none (default)\n"
                            + "origins = none (default)\n"
                            + "base-path = / (default)\n"
                            + "tls-cert = none (default)\n"
                            + "tls-key = none (default)\n"
                            + "tls-keystore = none (default)\n"
                            + "tls-password = none (default)\n"
                            + "access-log = none (default)\n"
                            + "max-clients = 50000 (default)\n"
                            + "max-clients-per-address = as many as in all (default)\n"
                            + "max-statement = the table keeps its limit, 8MB at first (default)\n");
        }

        @Test
        @Evidence(
                guarantee = "secrets",
                claim = "`--print-config` shows no password",
                brokenOnce = "PostgresAddress.masked: keeps the password")
        void noSecret() {
            String url = "postgres://u:geheim@h/d?sslpassword=auch-geheim";
            assertThat(text(read(Map.of(Setting.URL, url), Map.of())))
                    .contains("url = postgresql://u@h:5432/d?sslpassword=.... (--url)\n", "password = .... (--url)\n")
                    .doesNotContain("geheim");
            assertThat(text(read(Map.of(Setting.URL, "postgres://u@h/d"), Map.of("PGPASSWORD", "geheim"))))
                    .contains("password = .... (PGPASSWORD)\n")
                    .doesNotContain("geheim");
            assertThat(text(read(Map.of(Setting.URL, "postgres://u@h/d"), Map.of())))
                    .contains("password = none (default)\n");
        }
    }
}
