package dev.pbp.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pbp.testing.Evidence;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The file of tokens: its form, and that it is read again. Looks and time are in the test's hands. */
class TokenAuthenticatorTest {
    private static final String ANN = "ann-0123456789abcdef";
    private static final String BOB = "bob-0123456789abcdef";
    private static final Instant BEGIN = Instant.parse("2026-12-01T00:00:00Z");

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    @SuppressWarnings("NullAway.Init")
    private Path file;

    private final AdjustableClock clock = new AdjustableClock();
    private final AtomicInteger revocations = new AtomicInteger();
    private final List<String> log = new ArrayList<>();
    private final Logger logger = Logger.getLogger(TokenAuthenticator.class.getName());
    private final Handler recorder = new Handler() {
        @Override
        public void publish(LogRecord line) {
            log.add(new SimpleFormatter().formatMessage(line));
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    };

    private static final class AdjustableClock extends Clock {
        private Instant now = BEGIN;

        @Override
        public Instant instant() {
            return now;
        }

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }
    }

    @BeforeEach
    void record() {
        file = folder.resolve("tokens");
        logger.addHandler(recorder);
    }

    @AfterEach
    void noTokenIsLogged() {
        logger.removeHandler(recorder);
        assertThat(String.join("\n", log)).doesNotContain(ANN, BOB, ANN.substring(4), BOB.substring(4));
    }

    private void write(String... lines) throws IOException {
        writeText(String.join("\n", lines) + "\n");
    }

    /** In place. */
    private void writeText(String text) throws IOException {
        Files.writeString(file, text);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    }

    private TokenAuthenticator read(String... lines) throws IOException {
        write(lines);
        TokenAuthenticator tokens = TokenAuthenticator.passive(file, clock);
        tokens.onRevocation(revocations::incrementAndGet);
        return tokens;
    }

    private static void lookTwice(TokenAuthenticator tokens) {
        tokens.look();
        tokens.look();
    }

    private static Optional<Identity> known(TokenAuthenticator tokens, String token) {
        return tokens.authenticate(new Authenticator.Request() {
            @Override
            public String header(String name) {
                return "Bearer " + token;
            }

            @Override
            public @Nullable String cookie(String name) {
                return null;
            }
        });
    }

    private static Identity identity(TokenAuthenticator tokens, String token) {
        return known(tokens, token).orElseThrow();
    }

    @Test
    void aLineMayLimitItsToken() throws IOException {
        TokenAuthenticator tokens = read(
                "# comment",
                "",
                "ann shop " + ANN + " expires=2026-12-01T01:00:00+01:00 metrics=no",
                "bob - " + BOB + " channels=a,b");
        assertThat(known(tokens, ANN)).as("it expires at BEGIN").isEmpty();
        assertThat(identity(tokens, BOB)).isEqualTo(new Identity("bob", null, Set.of("a", "b"), true));
        clock.now = BEGIN.minusSeconds(1);
        assertThat(identity(tokens, ANN)).isEqualTo(new Identity("ann", "shop", null, false));
        assertThat(identity(read("ann - " + ANN + " channels="), ANN).channels())
                .isEmpty();
    }

    @Test
    @Evidence(
            guarantee = "secrets",
            claim = "An error in a file of tokens names the line and not the token",
            brokenOnce = "TokenFile.parse: the word repeated")
    void anErrorNamesTheLineAndNotTheToken() throws IOException {
        for (String bad : List.of(
                "ann " + ANN,
                "ann - short-token",
                "ann - " + ANN + " " + BOB,
                "ann - " + ANN + " expires=" + BOB,
                "ann - " + ANN + " metrics=" + BOB,
                "ann - two words-" + BOB)) {
            write("# first", bad);
            assertThatThrownBy(() -> TokenAuthenticator.passive(file, clock))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageStartingWith(file + ", line 2: ")
                    .satisfies(e -> assertThat(String.valueOf(e.getMessage()))
                            .doesNotContain(ANN, BOB, "short-token", BOB.substring(4)));
        }
    }

    @Test
    void theSameTokenTwiceIsRejected() throws IOException {
        write("ann - " + ANN, "", "bob shop " + BOB, "eve - " + ANN);
        assertThatThrownBy(() -> TokenAuthenticator.passive(file, clock))
                .hasMessage(file + ", line 4: the token of line 1 again");
    }

    @Test
    @Evidence(
            guarantee = "secrets",
            claim = "A file of tokens that others can read is rejected",
            brokenOnce = "TokenAuthenticator.load: `secretProblem` not asked")
    void aFileThatOthersCanReadIsRejected() throws IOException {
        write("ann - " + ANN);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
        assertThatThrownBy(() -> TokenAuthenticator.passive(file, clock))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("has mode rw-r--r--")
                .hasMessageContaining("run  chmod go= '");
    }

    @Test
    void aChangedFileIsReadOnceItHasSettled() throws IOException {
        TokenAuthenticator tokens = read("ann - " + ANN);
        Identity ann = identity(tokens, ANN);
        write("ann - " + ANN, "bob - " + BOB);
        tokens.look();
        assertThat(known(tokens, BOB)).as("it may still be written").isEmpty();
        tokens.look();
        assertThat(known(tokens, BOB)).isPresent();
        assertThat(tokens.isValid(ann)).as("its line is the same").isTrue();
        assertThat(revocations).hasValue(0);
    }

    @Test
    @Evidence(
            guarantee = "role-rights",
            claim = "A token that is withdrawn, changed or expired ends its identity, and no other",
            brokenOnce = {"TokenAuthenticator.look: `hasLost` not asked", "TokenSet.replacedBy: identities not kept"})
    void whatIsWithdrawnChangedOrExpiredEndsAndNothingElse() throws IOException {
        TokenAuthenticator tokens =
                read("ann - " + ANN, "bob - " + BOB + " expires=2026-12-01T00:00:10Z", "eve - eve-0123456789abcdef");
        Identity ann = identity(tokens, ANN);
        Identity bob = identity(tokens, BOB);
        Identity eve = identity(tokens, "eve-0123456789abcdef");
        clock.now = BEGIN.plusSeconds(9);
        tokens.look();
        assertThat(tokens.isValid(bob)).isTrue();
        assertThat(revocations).hasValue(0);
        clock.now = BEGIN.plusSeconds(10);
        assertThat(tokens.isValid(bob)).isFalse();
        tokens.look();
        assertThat(revocations).hasValue(1);
        tokens.look();
        assertThat(revocations).as("reported once").hasValue(1);

        write("ann shop " + ANN, "eve - eve-0123456789abcdef");
        lookTwice(tokens);
        assertThat(revocations).hasValue(2);
        assertThat(tokens.isValid(ann)).as("another role is another identity").isFalse();
        assertThat(identity(tokens, ANN).role()).isEqualTo("shop");
        assertThat(tokens.isValid(eve)).isTrue();

        write("# none");
        lookTwice(tokens);
        assertThat(revocations).hasValue(3);
        assertThat(tokens.isValid(eve)).isFalse();
    }

    @Test
    void aReplacedFileIsRead() throws IOException {
        TokenAuthenticator tokens = read("ann - " + ANN);
        Path other = folder.resolve("other");
        Files.writeString(other, "bob - " + BOB + "\n");
        Files.setPosixFilePermissions(other, PosixFilePermissions.fromString("rw-------"));
        Files.move(other, file, StandardCopyOption.ATOMIC_MOVE);
        lookTwice(tokens);
        assertThat(known(tokens, ANN)).isEmpty();
        assertThat(known(tokens, BOB)).isPresent();
    }

    @Test
    @Evidence(
            guarantee = "role-rights",
            claim =
                    "A file that is missing, bad, readable by others or half-written leaves the last tokens in force, and one line in the log",
            brokenOnce = "TokenAuthenticator.reload: `complete` not asked")
    void aBadFileLeavesTheLastTokensInForceAndOneLineInTheLog() throws IOException {
        TokenAuthenticator tokens = read("ann - " + ANN, "bob - " + BOB);
        write("ann - " + ANN, "bob");
        requireKept(tokens, ", line 2: expected NAME ROLE TOKEN");
        writeText("ann - " + ANN + "\nbob - " + BOB.substring(0, 17));
        requireKept(tokens, ", line 2: has no end");
        writeText("");
        requireKept(tokens, ": empty;");
        write("ann - " + ANN);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-rw-rw-"));
        requireKept(tokens, "has mode rw-rw-rw-");
        Files.delete(file);
        requireKept(tokens, "cannot be read");
        write("ann - " + ANN);
        lookTwice(tokens);
        assertThat(known(tokens, BOB)).isEmpty();
    }

    private void requireKept(TokenAuthenticator tokens, String reason) {
        log.clear();
        lookTwice(tokens);
        lookTwice(tokens);
        assertThat(known(tokens, ANN)).isPresent();
        assertThat(known(tokens, BOB)).isPresent();
        assertThat(revocations).hasValue(0);
        assertThat(log).singleElement().asString().contains(file.toString(), reason, "stay in force");
    }
}
