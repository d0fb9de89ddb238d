package dev.pbp.web.internal.http;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/** HTML with places such as <code>{name}</code>. */
public final class HtmlTemplate {
    private static final Pattern PLACE = Pattern.compile("\\{([a-z]+)}");

    private final String[] texts;
    private final List<String> names; // each stands behind the text of the same number

    /**
     * Finds the places.
     *
     * @param html the template
     */
    public HtmlTemplate(String html) {
        texts = PLACE.split(html, -1);
        names = PLACE.matcher(html)
                .results()
                .map((MatchResult place) -> place.group(1))
                .toList();
    }

    /**
     * Reads a template of the site's from the class path.
     *
     * @param file its name
     * @return the template
     */
    public static HtmlTemplate read(String file) {
        byte[] bytes =
                StaticFiles.read(file).orElseThrow(() -> new IllegalStateException(file + ": not in the class path"));
        return new HtmlTemplate(new String(bytes, StandardCharsets.UTF_8));
    }

    /**
     * Fills in the places.
     *
     * @param html what stands where, by the place's name; it has to be HTML
     * @return the document
     */
    public String fill(Map<String, String> html) {
        StringBuilder filled = new StringBuilder();
        appendTo(filled, name -> {
            String value = html.get(name);
            if (value == null) {
                throw new IllegalArgumentException("{" + name + "}: nothing to put there");
            }
            return value;
        });
        return filled.toString();
    }

    /**
     * Fills in the places.
     *
     * @param to receives the HTML
     * @param html gives what stands where, by the place's name; it has to be HTML
     */
    public void appendTo(StringBuilder to, UnaryOperator<String> html) {
        for (int i = 0; i < names.size(); i++) {
            to.append(texts[i]).append(html.apply(names.get(i)));
        }
        to.append(texts[names.size()]);
    }
}
