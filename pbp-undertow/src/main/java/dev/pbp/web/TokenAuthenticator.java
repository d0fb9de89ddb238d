package dev.pbp.web;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Authenticates clients by tokens from a file. A token comes as {@code Authorization: Bearer TOKEN}, or as the password of
 * {@code Authorization: Basic}, for which browsers ask by themselves and which they then also send with event streams.
 *
 * <p>Only the hashes of tokens are kept. The time of a comparison does not depend on how much of a token is right.
 */
public final class TokenAuthenticator implements Authenticator {
    private static final int SHORTEST = 16;

    private final List<Known> known;

    private record Known(byte[] hash, Identity identity) {}

    private TokenAuthenticator(List<Known> known) {
        this.known = List.copyOf(known);
    }

    /**
     * Reads a file.
     *
     * @param file a line for each client: its name, its database role or {@code -} for the application's own, and its token of
     *     16 or more characters, with blanks between; empty lines and those that begin with {@code #} say nothing
     * @return the authenticator
     * @throws IOException if the file cannot be read
     * @throws IllegalArgumentException if a line has another form; the message names the line and not the token
     */
    public static TokenAuthenticator read(Path file) throws IOException {
        List<Known> known = new ArrayList<>();
        int number = 0;
        for (String line : Files.readAllLines(file, StandardCharsets.UTF_8)) {
            number++;
            if (line.isBlank() || line.startsWith("#")) {
                continue;
            }
            String[] parts = line.strip().split("\\s+");
            if (parts.length != 3 || parts[2].length() < SHORTEST) {
                throw new IllegalArgumentException(file + ", line " + number
                        + ": expected NAME ROLE TOKEN with blanks between, the token of " + SHORTEST
                        + " or more characters, the role - for the application's own");
            }
            known.add(new Known(hash(parts[2]), new Identity(parts[0], parts[1].equals("-") ? null : parts[1])));
        }
        return new TokenAuthenticator(known);
    }

    @Override
    public Optional<Identity> authenticate(Request request) {
        String token = token(request.header("Authorization"));
        if (token == null) {
            return Optional.empty();
        }
        byte[] hash = hash(token);
        @Nullable Identity found = null;
        for (Known each : known) { // all of them, whichever it is
            if (MessageDigest.isEqual(each.hash, hash)) {
                found = each.identity;
            }
        }
        return Optional.ofNullable(found);
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

    private static byte[] hash(String token) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(token.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("SHA-256 is part of every Java", e);
        }
    }
}
