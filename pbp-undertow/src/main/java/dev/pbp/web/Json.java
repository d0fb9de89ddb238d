package dev.pbp.web;

import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The one JSON mapper, with Jackson's own bounds on depth and length. */
final class Json {
    private static final JsonMapper MAPPER = JsonMapper.builder()
            .enable(tools.jackson.core.StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(tools.jackson.databind.DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private Json() {}

    static String write(Map<String, ?> members) {
        return MAPPER.writeValueAsString(members);
    }

    static String quote(String text) {
        return MAPPER.writeValueAsString(text);
    }

    /**
     * Reads a body.
     *
     * @throws Problem if it is not JSON
     */
    static JsonNode read(byte[] body) {
        try {
            return MAPPER.readTree(body);
        } catch (JacksonException e) {
            throw Problem.badField("body", "not JSON: " + e.getOriginalMessage());
        }
    }
}
