package dev.pbp.web.internal.assembly;

import dev.pbp.push.PushService;
import dev.pbp.web.Resource;
import dev.pbp.web.internal.http.RequestBodyReader;
import dev.pbp.web.internal.tables.ResourceHandler;
import dev.pbp.web.internal.tables.RowReads;
import dev.pbp.web.internal.tables.TableExtension;
import io.undertow.server.HttpHandler;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/** What the parts of a site share and add while it is put together. Used by one thread. */
public final class SiteAssembly {
    private final PushService push;
    private final RequestBodyReader bodies;
    private final RowReads reads;
    private final Predicate<String> tables;
    private final int maxTerms;
    private final String prefix;
    private final Map<String, HttpHandler> paths = new LinkedHashMap<>();
    private final List<Resource<?>> resources = new ArrayList<>();
    private final List<TableExtension> extensions = new ArrayList<>();

    /**
     * Begins.
     *
     * @param push pushes changes
     * @param bodies reads the bodies of requests
     * @param reads sends the rows of whole tables
     * @param tables whether a table's changes may be subscribed to
     * @param maxTerms how many tables and values one client may subscribe to at once
     * @param prefix what comes before the site's own paths where browsers see them; may be empty
     */
    public SiteAssembly(
            PushService push,
            RequestBodyReader bodies,
            RowReads reads,
            Predicate<String> tables,
            int maxTerms,
            String prefix) {
        this.push = push;
        this.bodies = bodies;
        this.reads = reads;
        this.tables = tables;
        this.maxTerms = maxTerms;
        this.prefix = prefix;
    }

    /**
     * Pushes changes.
     *
     * @return the site's
     */
    public PushService push() {
        return push;
    }

    /**
     * Reads the bodies of requests.
     *
     * @return the site's
     */
    public RequestBodyReader bodies() {
        return bodies;
    }

    /**
     * Sends the rows of reads.
     *
     * @return the site's
     */
    public RowReads reads() {
        return reads;
    }

    /**
     * Says whether a table's changes may be subscribed to.
     *
     * @return takes the table's name
     */
    public Predicate<String> tables() {
        return tables;
    }

    /**
     * How many tables and values one client may subscribe to at once.
     *
     * @return at least 1
     */
    public int maxTerms() {
        return maxTerms;
    }

    /**
     * Adds a path.
     *
     * @param path the whole path
     * @param handler handles its requests
     */
    public void addPath(String path, HttpHandler handler) {
        paths.put(path, handler);
    }

    /**
     * Adds a table.
     *
     * @param resource the table
     */
    public void addResource(Resource<?> resource) {
        resources.add(resource);
    }

    /**
     * Adds an extension of the requests for whole tables.
     *
     * @param extension takes part in them
     */
    public void addExtension(TableExtension extension) {
        extensions.add(extension);
    }

    /**
     * The extensions of the requests for whole tables.
     *
     * @return in the order in which they were added
     */
    public List<TableExtension> extensions() {
        return extensions;
    }

    /**
     * The paths.
     *
     * @return handlers by path
     */
    public Map<String, HttpHandler> paths() {
        return paths;
    }

    /**
     * The tables' paths.
     *
     * @return handlers by the path below which they handle all requests
     * @throws IllegalArgumentException if two tables have the same name, or a name has another form
     */
    public Map<String, HttpHandler> resourcePaths() {
        Map<String, HttpHandler> byPath = new LinkedHashMap<>();
        for (Resource<?> resource : resources) {
            if (byPath.put(
                            ResourceHandler.path(resource),
                            new ResourceHandler<>(resource, bodies, reads, extensions, prefix))
                    != null) {
                throw new IllegalArgumentException("resource \"" + resource.name() + "\": given twice");
            }
        }
        return byPath;
    }
}
