package dev.pbp.web;

import dev.pbp.core.internal.FileProtection;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Authenticates clients by tokens from a file. A token comes as {@code Authorization: Bearer TOKEN}, or as the password of
 * {@code Authorization: Basic}, for which browsers ask by themselves and which they then also send with event streams.
 *
 * <p>The file is read again when it has changed: one thread looks at it every half second, and takes a new state once it has
 * found it twice, since a file may be seen half-written. A file that is missing, cannot be read or has an error leaves the tokens
 * in force that were read last; a line in the log names the reason.
 *
 * <p>Only the hashes of tokens are kept. The time of a comparison does not depend on how much of a token is right.
 */
public final class TokenAuthenticator implements Authenticator {
    private static final Logger LOG = System.getLogger(TokenAuthenticator.class.getName());
    private static final Duration LOOK = Duration.ofMillis(500);

    private final Path file;
    private final Clock clock;
    private final ScheduledExecutorService looks;
    private volatile TokenSet tokens;
    private volatile Runnable revoked = () -> {};
    private Map<String, Object> taken; // the state of the file that was read last; of the thread that looks
    private Map<String, Object> seen; // at the last look; likewise
    private boolean complete; // the file that was read last; likewise
    private Instant checked; // for expired tokens; likewise
    private String reported = ""; // likewise

    private TokenAuthenticator(Path file, Clock clock) throws IOException {
        this.file = file;
        this.clock = clock;
        taken = state(file);
        seen = taken;
        checked = clock.instant();
        TokenFile read = load(file);
        complete = read.complete();
        tokens = TokenSet.of(read.tokens());
        looks = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread thread = new Thread(task, "pbp-tokens");
            thread.setDaemon(true);
            return thread;
        });
    }

    /**
     * Reads a file, and begins to look whether it changes.
     *
     * @param file a line for each token: the client's name, its database role or {@code -} for the application's own, and the token of
     *     16 or more characters, with blanks between. Then may follow {@code expires=2027-01-31T12:00:00Z}; {@code channels=a,b},
     *     the only channels that it may listen to, none if the list is empty; {@code metrics=no}. Empty lines and those that begin
     *     with {@code #} are ignored. The file belongs to this process's user, and is not readable or writable by others; or it
     *     belongs to root, and its group may read it
     * @return the authenticator, to be closed
     * @throws IOException if the file cannot be read
     * @throws IllegalArgumentException if a line has another form, a token is there twice, or others can read the file; the message
     *     names the line and not the token
     */
    public static TokenAuthenticator read(Path file) throws IOException {
        TokenAuthenticator authenticator = new TokenAuthenticator(file, Clock.systemUTC());
        authenticator.looks.scheduleWithFixedDelay(
                authenticator::look, LOOK.toMillis(), LOOK.toMillis(), TimeUnit.MILLISECONDS);
        return authenticator;
    }

    /** One that looks only by {@link #look}. */
    static TokenAuthenticator passive(Path file, Clock clock) throws IOException {
        return new TokenAuthenticator(file, clock);
    }

    private static TokenFile load(Path file) throws IOException {
        FileProtection.secretProblem(file).ifPresent(problem -> {
            throw new IllegalArgumentException(problem);
        });
        return TokenFile.read(file);
    }

    /** Changes whenever the file does, its owner and mode included, or when the name leads to another file. */
    private static Map<String, Object> state(Path file) throws IOException {
        boolean unix = file.getFileSystem().supportedFileAttributeViews().contains("unix");
        return new TreeMap<>(Files.readAttributes(
                file, unix ? "unix:dev,ino,size,lastModifiedTime,ctime" : "size,lastModifiedTime,creationTime"));
    }

    /** Reads the file if it has changed, and reports what is withdrawn or has expired since the last look. */
    void look() {
        TokenSet before = tokens;
        Instant then = checked;
        try {
            reload();
        } catch (IOException e) {
            keep(file + ": cannot be read (" + e.getClass().getSimpleName() + ")");
        } catch (IllegalArgumentException e) {
            keep(String.valueOf(e.getMessage()));
        }
        try {
            checked = clock.instant();
            if (before.hasLost(then, tokens, checked)) {
                revoked.run();
            }
        } catch (RuntimeException e) { // else there is no other look
            LOG.log(Level.ERROR, "tokens: streams of withdrawn tokens were not ended", e);
        }
    }

    private void reload() throws IOException {
        Map<String, Object> now = state(file);
        boolean settled = now.equals(seen);
        seen = now;
        if (now.equals(taken) || !settled) {
            return;
        }
        taken = now; // also a bad one, which is reported once
        TokenFile read = load(file);
        if (!state(file).equals(now)) {
            taken = Map.of(); // it has changed meanwhile: look again
            return;
        }
        if (read.tokens().isEmpty() && Files.size(file) == 0) {
            throw new IllegalArgumentException(file + ": empty; a file with a comment alone withdraws all tokens");
        }
        if (complete && !read.complete()) {
            throw new IllegalArgumentException(file + ", line "
                    + Files.readString(file).lines().count() + ": has no end; the file seems to be half-written");
        }
        tokens = tokens.replacedBy(read.tokens());
        reported = "";
        LOG.log(Level.INFO, "tokens: {0} was read again; tokens in force: {1}", file, tokens.size());
    }

    private void keep(String problem) {
        if (!problem.equals(reported)) {
            reported = problem;
            LOG.log(Level.WARNING, "tokens: {0}; the tokens that were read last stay in force", problem);
        }
    }

    @Override
    public Optional<Identity> authenticate(Request request) {
        String token = token(request.header("Authorization"));
        if (token == null) {
            return Optional.empty();
        }
        TokenFile.Token found = tokens.find(hash(token));
        return found != null && found.isValid(clock.instant()) ? Optional.of(found.identity()) : Optional.empty();
    }

    @Override
    public boolean isValid(Identity identity) {
        return tokens.holds(identity, clock.instant());
    }

    @Override
    public void onRevocation(Runnable action) {
        revoked = action;
    }

    private static @Nullable String token(@Nullable String header) {
        if (header == null) {
            return null;
        }
        String[] parts = header.strip().split(" +", 2);
        if (parts.length < 2) {
            return null;
        }
        return switch (parts[0].toLowerCase(Locale.ROOT)) {
            case "bearer" -> parts[1];
            case "basic" -> password(parts[1]);
            default -> null;
        };
    }

    private static @Nullable String password(String credentials) {
        try {
            String decoded = new String(Base64.getDecoder().decode(credentials), StandardCharsets.UTF_8);
            int colon = decoded.indexOf(':');
            return colon < 0 ? null : decoded.substring(colon + 1);
        } catch (IllegalArgumentException notBase64) {
            return null;
        }
    }

    @Override
    public String challenge() {
        return "Basic realm=\"pbp\", charset=\"UTF-8\"";
    }

    static byte[] hash(String token) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(token.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("SHA-256 is part of every Java", e);
        }
    }

    /** Ends the looks at the file. The tokens that were read last stay in force until they expire. */
    @Override
    public void close() {
        looks.shutdownNow();
    }
}
