package dev.pbp.web.internal.tables;

import dev.pbp.core.model.TableDescription;
import dev.pbp.push.http.Json;
import dev.pbp.web.internal.http.HtmlTemplate;
import dev.pbp.web.internal.http.HtmlText;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** The documents of {@code /tables} and {@code /tables/TABLE}, before any script. */
final class TablePages {
    private final HtmlTemplate table = HtmlTemplate.read("table.html");
    private final HtmlTemplate plain = HtmlTemplate.read("tables.html");

    /** The list of the tables. */
    String list(List<TableDescription> tables) {
        String items = tables.stream().map(TablePages::item).collect(Collectors.joining());
        String content = items.isEmpty()
                ? "<p class=\"lead\">No table is offered to you. <code>pbp-cli track TABLE</code> makes one live.</p>"
                : "<p class=\"lead\">Each of them live: every change shows as it is committed.</p><ul class=\"card tables\">"
                        + items + "</ul>";
        return plain.fill(Map.of("root", "", "title", "Tables", "content", content));
    }

    private static String item(TableDescription table) {
        int columns = table.columns().size();
        return "<li><a href=\"tables/" + HtmlText.escape(TablePath.encoded(table.name())) + "\"><b dir=\"auto\">"
                + HtmlText.visible(table.name()) + "</b> <span>" + columns + (columns == 1 ? " column" : " columns")
                + ", key <bdi>" + HtmlText.visible(String.join(", ", table.key())) + "</bdi></span></a></li>";
    }

    /**
     * The page of one table.
     *
     * @param description as the script needs it: a member of {@code /api/_tables}
     */
    String table(String name, Map<String, ?> description) {
        return table.fill(Map.of(
                "name", HtmlText.visible(name),
                "title", HtmlText.escape(name),
                "path", HtmlText.escape(TablePath.encoded(name)),
                "table", HtmlText.escape(Json.write(description))));
    }

    /** What is wrong, in place of a page. */
    String problem(String root, String title, String detail) {
        return plain.fill(Map.of(
                "root",
                root,
                "title",
                title,
                "content",
                "<p class=\"lead\">" + HtmlText.visible(detail) + "</p><p><a href=\"" + root
                        + "tables\">All tables</a></p>"));
    }
}
