package dev.pbp.push.http;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The request header {@code Accept} (RFC 9110, 12.5.1). */
public final class AcceptHeader {
    private static final Pattern WEIGHT = Pattern.compile("[qQ]\\s*=\\s*([01](?:\\.[0-9]{0,3})?)");

    private AcceptHeader() {}

    /**
     * Checks that the client accepts one of the types.
     *
     * @param values the header's values; empty if it is missing
     * @param types media types
     * @throws Problem 406 if the client accepts none of them
     */
    public static void require(List<String> values, String... types) {
        if (Arrays.stream(types).allMatch(type -> quality(values, type) == 0)) {
            throw new Problem(406, "Accept: this answer is " + String.join(" or ", types));
        }
    }

    /**
     * The client's preference for a type. The most specific range that matches the type counts.
     *
     * @param values the header's values; empty if it is missing
     * @param type a media type
     * @return 0, if the client does not accept it, to 1
     */
    public static double quality(List<String> values, String type) {
        if (values.isEmpty()) {
            return 1;
        }
        List<String> ranges = List.of("*/*", type.replaceAll("/.*", "/*"), type);
        int best = -1;
        double quality = 0;
        for (String each : String.join(",", values).split(",")) {
            String[] parts = each.split(";");
            int specificity = ranges.indexOf(parts[0].strip().toLowerCase(Locale.ROOT));
            if (specificity > best) {
                best = specificity;
                quality = weight(parts);
            }
        }
        return quality;
    }

    private static double weight(String[] parts) {
        for (String parameter : parts) {
            Matcher weight = WEIGHT.matcher(parameter.strip());
            if (weight.matches()) {
                return Double.parseDouble(weight.group(1));
            }
        }
        return 1;
    }
}
