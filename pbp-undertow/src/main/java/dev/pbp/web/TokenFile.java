package dev.pbp.web;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A file of tokens: a line {@code NAME ROLE TOKEN [expires=TIME] [channels=NAMES] [metrics=no]} for each. Its errors name the line and
 * never the token.
 *
 * @param tokens in the order of their lines
 * @param complete whether the last line has an end
 */
record TokenFile(List<Token> tokens, boolean complete) {
    private static final int MAX_BYTES = 1 << 20;
    private static final int SHORTEST = 16;

    /**
     * One line.
     *
     * @param hash of the token
     * @param identity of its client
     * @param expires from when on it is rejected; null for never
     */
    record Token(byte[] hash, Identity identity, @Nullable Instant expires) {
        boolean isValid(Instant now) {
            return expires == null || now.isBefore(expires);
        }
    }

    /**
     * Reads and parses a file.
     *
     * @throws IOException if it cannot be read
     * @throws IllegalArgumentException if it is not a file of tokens; the message begins with its name
     */
    static TokenFile read(Path file) throws IOException {
        if (Files.size(file) > MAX_BYTES) {
            throw new IllegalArgumentException(file + ": larger than " + MAX_BYTES + " bytes");
        }
        String text;
        try {
            text = Files.readString(file);
        } catch (CharacterCodingException e) {
            throw new IllegalArgumentException(file + ": not in UTF-8", e);
        }
        List<Token> tokens = new ArrayList<>();
        Map<String, Integer> lineOf = new HashMap<>();
        int number = 0;
        for (String line : text.lines().toList()) {
            number++;
            if (line.isBlank() || line.startsWith("#")) {
                continue;
            }
            String at = file + ", line " + number + ": ";
            Token token = parse(line.strip().split("\\s+"), at);
            Integer first = lineOf.putIfAbsent(Arrays.toString(token.hash), number);
            if (first != null) {
                throw new IllegalArgumentException(at + "the token of line " + first + " again");
            }
            tokens.add(token);
        }
        return new TokenFile(List.copyOf(tokens), text.endsWith("\n"));
    }

    private static Token parse(String[] words, String at) {
        if (words.length < 3 || words[2].length() < SHORTEST) {
            throw new IllegalArgumentException(at
                    + "expected NAME ROLE TOKEN with blanks between, the token of " + SHORTEST
                    + " or more characters, the role - for the application's own");
        }
        Instant expires = null;
        Set<String> channels = null;
        boolean metrics = true;
        for (int i = 3; i < words.length; i++) {
            String value = words[i].substring(words[i].indexOf('=') + 1);
            if (words[i].startsWith("expires=")) {
                expires = time(value, at);
            } else if (words[i].startsWith("channels=")) {
                channels = Arrays.stream(value.split(",", -1))
                        .filter(name -> !name.isEmpty())
                        .collect(Collectors.toSet());
            } else if (words[i].equals("metrics=no")) {
                metrics = false;
            } else { // it is not repeated: it may be part of a token
                throw new IllegalArgumentException(at + "word " + (i + 1)
                        + ": after the token only expires=TIME, channels=NAMES and metrics=no are known");
            }
        }
        String role = words[1].equals("-") ? null : words[1];
        return new Token(TokenAuthenticator.hash(words[2]), new Identity(words[0], role, channels, metrics), expires);
    }

    private static Instant time(String text, String at) {
        try {
            return OffsetDateTime.parse(text).toInstant();
        } catch (DateTimeException e) {
            throw new IllegalArgumentException(at + "expires: expected a time such as 2027-01-31T12:00:00Z", e);
        }
    }
}
