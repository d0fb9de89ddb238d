package dev.pbp.push.http;

import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The one JSON mapper, with Jackson's own bounds on depth and length, and one on the number of tokens. */
public final class Json {
    /** A document takes many times its size where it consists of tiny values. */
    private static final long MAX_TOKENS = 50_000;

    private static final JsonMapper MAPPER = JsonMapper.builder(JsonFactory.builder()
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxTokenCount(MAX_TOKENS)
                            .build())
                    .build())
            .enable(tools.jackson.core.StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(tools.jackson.databind.DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private Json() {}

    /**
     * Writes an object.
     *
     * @param members its members, in order: text, numbers, booleans, null, or lists and maps of them
     * @return JSON without line breaks
     */
    public static String write(Map<String, ?> members) {
        return MAPPER.writeValueAsString(members);
    }

    /**
     * Writes an object.
     *
     * @param members as for {@link #write}
     * @return JSON without line breaks, in UTF-8
     */
    public static byte[] bytes(Map<String, ?> members) {
        return MAPPER.writeValueAsBytes(members);
    }

    /**
     * Writes a text.
     *
     * @param text the text
     * @return in quotes
     */
    public static String quote(String text) {
        return MAPPER.writeValueAsString(text);
    }

    /**
     * Parses the body of a request.
     *
     * @param body in UTF-8
     * @return the JSON
     * @throws Problem 400 if it is not JSON
     */
    public static JsonNode read(byte[] body) {
        try {
            return MAPPER.readTree(body);
        } catch (JacksonException e) {
            throw Problem.badField("body", "not JSON: " + e.getOriginalMessage());
        }
    }
}
