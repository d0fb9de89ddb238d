package dev.pbp.push.http;

import java.util.LinkedHashMap;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The one JSON mapper, with Jackson's own bounds on depth and length, and one on the number of tokens. */
public final class Json {
    /** A document takes many times its size where it consists of tiny values. */
    private static final long MAX_TOKENS = 50_000;

    private static final String BODY = "body";

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
     * Splits an object into its members, whose values stay as they are written: no digit of a number is lost.
     *
     * @param text one JSON object
     * @return the JSON of each value, by its name, in order
     * @throws Problem 400 if it is no JSON object, or has a member twice
     */
    public static Map<String, String> members(String text) {
        Map<String, String> members = new LinkedHashMap<>();
        try (JsonParser parser = MAPPER.createParser(text)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                throw Problem.badField(BODY, "expected a JSON object");
            }
            while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
                String name = parser.currentName();
                parser.nextToken();
                int start = (int) parser.currentTokenLocation().getCharOffset();
                parser.skipChildren();
                parser.finishToken();
                int end = (int) parser.currentLocation().getCharOffset();
                members.put(name, text.substring(start, end));
            }
            if (parser.nextToken() != null) {
                throw Problem.badField(BODY, "expected one JSON object, and nothing behind it");
            }
        } catch (JacksonException e) {
            throw notJson(e);
        }
        return members;
    }

    private static Problem notJson(JacksonException e) {
        return Problem.badField(BODY, "not JSON: " + e.getOriginalMessage());
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
            throw notJson(e);
        }
    }
}
