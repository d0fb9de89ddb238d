package dev.pbp.web.internal.hello;

import dev.pbp.core.model.TestTypes;
import dev.pbp.web.internal.assembly.SiteAssembly;
import java.time.Clock;
import org.jspecify.annotations.Nullable;

/** The hello-world site: the table {@code testtype} over REST, and its rows in the page. */
public final class HelloWorld {
    private HelloWorld() {}

    /**
     * Adds it.
     *
     * @param site the site
     * @param rows the table; null for a site without it
     */
    public static void addTo(SiteAssembly site, @Nullable TestTypes rows) {
        if (rows != null) {
            site.addResource(new TestTypeResource(rows));
            site.addPath(
                    "/", new PageHandler(rows, site.push().timers(), site.push().memory(), Clock.systemUTC()));
        }
    }
}
