package dev.pbp.web.internal.hello;

import dev.pbp.core.model.TestTypes;
import dev.pbp.web.internal.assembly.SiteAssembly;
import java.time.Clock;
import org.jspecify.annotations.Nullable;

/** The hello-world page: the rows of the table {@code testtype}. */
public final class HelloWorld {
    private HelloWorld() {}

    /**
     * Adds it.
     *
     * @param site the site
     * @param rows the table's rows; null for a site without the page
     */
    public static void addTo(SiteAssembly site, @Nullable TestTypes rows) {
        if (rows != null) {
            site.addPath(
                    "/", new PageHandler(rows, site.push().timers(), site.push().memory(), Clock.systemUTC()));
        }
    }
}
