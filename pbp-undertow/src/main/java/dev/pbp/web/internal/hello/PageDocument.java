package dev.pbp.web.internal.hello;

import dev.pbp.core.model.TestType;
import dev.pbp.web.internal.http.HtmlTemplate;
import dev.pbp.web.internal.http.HtmlText;
import dev.pbp.web.internal.http.StaticFiles;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * {@code index.html}, and a row as its {@code row-template} has it: {@code {id}}, {@code {val}} and {@code {time}} are to be
 * replaced. The script clones the same template.
 */
final class PageDocument {
    private static final Pattern PLACE = Pattern.compile("(?<=id=\"rows\">)(?=</div>)");
    private static final Pattern TEMPLATE =
            Pattern.compile("<template id=\"row-template\">\\s*(.*?)\\s*</template>", Pattern.DOTALL);
    private static final int BLOCK = 20; // rows, as in blocks.js
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("HH:mm:ss 'UTC'", Locale.ROOT);

    private final String before;
    private final String after;
    private final HtmlTemplate row;
    private final Clock clock;

    private PageDocument(String document, Clock clock) {
        this.clock = clock;
        String[] parts = PLACE.split(document, -1);
        Matcher template = TEMPLATE.matcher(document);
        if (parts.length != 2 || !template.find()) {
            throw new IllegalStateException(
                    StaticFiles.PAGE + ": expected one empty element with the id rows, and a template row-template");
        }
        before = parts[0];
        after = parts[1];
        row = new HtmlTemplate(template.group(1));
    }

    /**
     * Reads it from the class path.
     *
     * @param clock gives today's date
     */
    static PageDocument read(Clock clock) {
        byte[] bytes = StaticFiles.read(StaticFiles.PAGE)
                .orElseThrow(() -> new IllegalStateException(StaticFiles.PAGE + ": not in the class path"));
        return new PageDocument(new String(bytes, StandardCharsets.UTF_8), clock);
    }

    /** The whole document with these rows. */
    String with(List<TestType> rows) {
        StringBuilder all = new StringBuilder(before);
        LocalDate today = LocalDate.ofInstant(clock.instant(), ZoneOffset.UTC);
        for (int at = 0; at < rows.size(); at += BLOCK) {
            all.append("<div class=\"block\" role=\"rowgroup\">");
            for (TestType each : rows.subList(at, Math.min(rows.size(), at + BLOCK))) {
                row.appendTo(all, name -> value(name, each, today));
            }
            all.append("</div>");
        }
        return all.append(after).toString();
    }

    private static String value(String name, TestType row, LocalDate today) {
        return switch (name) {
            case "id" -> Long.toString(row.id());
            case "val" -> HtmlText.visible(row.val());
            default -> time(row.mtime().atOffset(ZoneOffset.UTC), today);
        };
    }

    /** The reader's time zone is not known yet. */
    private static String time(OffsetDateTime mtime, LocalDate today) {
        LocalDate day = mtime.toLocalDate();
        return day.equals(today) ? TIME.format(mtime) : day.toString();
    }
}
