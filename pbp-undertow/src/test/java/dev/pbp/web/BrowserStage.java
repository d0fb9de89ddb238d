package dev.pbp.web;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pbp.testing.FaultProxy;
import dev.pbp.testing.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.function.Supplier;

/** What a browser's test is played on: a site, a network before it that can fail, and a Chromium that reaches it that way. */
public final class BrowserStage implements AutoCloseable {
    private final TestDatabase database;
    private final boolean page;
    private final FaultProxy proxy;
    private final Chromium chromium;
    private RunningSite site;

    private BrowserStage(TestDatabase database, boolean page, Supplier<Chromium> browser) throws SQLException {
        this.database = database;
        this.page = page;
        site = start(0);
        proxy = FaultProxy.to("127.0.0.1", site.port());
        chromium = browser.get();
    }

    public static BrowserStage on(TestDatabase database) throws SQLException {
        return new BrowserStage(database, false, Chromium::start);
    }

    /** A stage on which the hello-world site is. */
    public static BrowserStage withPage(TestDatabase database) throws SQLException {
        return new BrowserStage(database, true, Chromium::start);
    }

    public static BrowserStage inWholeBrowser(TestDatabase database) throws SQLException {
        return new BrowserStage(database, false, Chromium::startWhole);
    }

    public RunningSite site() {
        return site;
    }

    public FaultProxy proxy() {
        return proxy;
    }

    public Chromium chromium() {
        return chromium;
    }

    public Connection connect() throws SQLException {
        return database.connect();
    }

    /** Ends the site, has something executed while there is none, and starts another at the same port. */
    public void restart(String... meanwhile) throws SQLException {
        int port = site.port();
        site.close();
        for (String sql : meanwhile) {
            site.execute(sql);
        }
        site = start(port);
    }

    private RunningSite start(int port) throws SQLException {
        return page
                ? RunningSite.withPage(database, database, port, rows -> rows)
                : RunningSite.on(database, database, port);
    }

    /** The site as the browser sees it. */
    public String origin() {
        return "http://127.0.0.1:" + proxy.port();
    }

    /** A tab that has loaded nothing but the module. */
    public ReplicaTab blankTab() {
        return ReplicaTab.blank(chromium, origin());
    }

    /** A tab whose replica is live. */
    public ReplicaTab liveTab() {
        return ReplicaTab.live(chromium, origin());
    }

    /** Closes all tabs, none of which had anything to complain of, and lets the network work again. */
    public void clear() {
        proxy.resume();
        chromium.forget();
        assertThat(chromium.complaints()).isEmpty();
    }

    @Override
    public void close() {
        chromium.close();
        proxy.close();
        site.close();
    }
}
