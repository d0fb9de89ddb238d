package dev.pbp.web.internal.tables;

import dev.pbp.core.model.Tables.RowValues;
import dev.pbp.push.http.Json;
import dev.pbp.push.http.Problem;
import dev.pbp.web.Fields;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.Headers;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/** Parses the body of a request that writes a row: a form or a JSON object. */
final class FieldParser {
    private static final int HEX = 16;
    /** More than a table has columns. */
    private static final int MAX_FIELDS = 2_000;

    private static final Pattern OTHER_CHARSET =
            Pattern.compile(";\\s*charset\\s*=\\s*\"?(?!utf-?8\\b)", Pattern.CASE_INSENSITIVE);

    private FieldParser() {}

    /**
     * Reads a body as its Content-Type says.
     *
     * @throws Problem if it has another type, or is not what the type says
     */
    static Fields parse(HttpServerExchange exchange, byte[] body) {
        return switch (type(exchange, body)) {
            case JSON -> json(body);
            case FORM -> Fields.of(form(utf8(body)));
            case NONE -> Fields.of(Map.of());
        };
    }

    /**
     * Reads a body as its Content-Type says, for PostgreSQL to convert.
     *
     * @throws Problem as above
     */
    static RowValues values(HttpServerExchange exchange, byte[] body) {
        return switch (type(exchange, body)) {
            case JSON -> new RowValues(Json.members(utf8(body)), true);
            case FORM -> new RowValues(form(utf8(body)), false);
            case NONE -> new RowValues(Map.of(), false);
        };
    }

    private enum Type {
        JSON,
        FORM,
        NONE
    }

    private static Type type(HttpServerExchange exchange, byte[] body) {
        String header = exchange.getRequestHeaders().getFirst(Headers.CONTENT_TYPE);
        String type = header == null ? "" : header.split(";", 2)[0].strip().toLowerCase(Locale.ROOT);
        if (header != null && OTHER_CHARSET.matcher(header).find()) {
            throw unsupported(header);
        }
        return switch (type) {
            case "application/json" -> Type.JSON;
            case "application/x-www-form-urlencoded" -> Type.FORM;
            case "" -> {
                if (body.length == 0) {
                    yield Type.NONE;
                }
                throw unsupported("no Content-Type");
            }
            default -> throw unsupported(type);
        };
    }

    private static Problem unsupported(String what) {
        return new Problem(
                415,
                "Content-Type: expected application/json or application/x-www-form-urlencoded, in UTF-8, got " + what);
    }

    private static Fields json(byte[] body) {
        JsonNode root = Json.read(body);
        if (!root.isObject()) {
            throw Problem.badField("body", "expected a JSON object");
        }
        Map<String, String> values = new LinkedHashMap<>();
        for (Map.Entry<String, JsonNode> member : root.properties()) {
            JsonNode value = member.getValue();
            if (value.isString() || value.isIntegralNumber() || value.isBoolean()) {
                values.put(member.getKey(), value.asString());
            } else if (!value.isNull()) {
                throw Problem.badField(member.getKey(), "expected a string, a whole number or a boolean");
            }
        }
        return Fields.of(values);
    }

    private static Map<String, String> form(String body) {
        Map<String, String> values = new LinkedHashMap<>();
        int end;
        for (int start = 0; start <= body.length(); start = end + 1) {
            int next = body.indexOf('&', start);
            end = next < 0 ? body.length() : next;
            String pair = body.substring(start, end);
            if (!pair.isEmpty()) {
                if (values.size() == MAX_FIELDS) {
                    throw Problem.badField("body", "more than " + MAX_FIELDS + " fields");
                }
                int equals = pair.indexOf('=');
                String name = decode(equals < 0 ? pair : pair.substring(0, equals));
                if (values.put(name, equals < 0 ? "" : decode(pair.substring(equals + 1))) != null) {
                    throw Problem.badField(name, "given twice");
                }
            }
        }
        return values;
    }

    /** The JDK's decoder puts U+FFFD in place of what is not UTF-8. */
    private static String decode(String text) {
        ByteArrayOutputStream decoded = new ByteArrayOutputStream();
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        for (int i = 0; i < bytes.length; i++) {
            if (bytes[i] == '%') {
                decoded.write(HEX * hexDigit(bytes, ++i) + hexDigit(bytes, ++i));
            } else {
                decoded.write(bytes[i] == '+' ? ' ' : bytes[i]);
            }
        }
        return utf8(decoded.toByteArray());
    }

    private static int hexDigit(byte[] bytes, int at) {
        int digit = at < bytes.length ? Character.digit(bytes[at], HEX) : -1;
        if (digit < 0) {
            throw Problem.badField("body", "bad percent-encoding: expected two hexadecimal digits after %");
        }
        return digit;
    }

    private static String utf8(byte[] body) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(body))
                    .toString();
        } catch (CharacterCodingException e) {
            throw Problem.badField("body", "not UTF-8");
        }
    }
}
