package dev.pbp.web;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pbp.testing.FaultProxy;
import dev.pbp.testing.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.function.Supplier;

/** What a browser's test is played on: a site, a network before it that can fail, and a Chromium that reaches it that way. */
final class BrowserStage implements AutoCloseable {
    private final TestDatabase database;
    private final FaultProxy proxy;
    private final Chromium chromium;
    private RunningSite site;

    private BrowserStage(TestDatabase database, Supplier<Chromium> browser) throws SQLException {
        this.database = database;
        site = RunningSite.on(database);
        proxy = FaultProxy.to("127.0.0.1", site.port());
        chromium = browser.get();
    }

    static BrowserStage on(TestDatabase database) throws SQLException {
        return new BrowserStage(database, Chromium::start);
    }

    static BrowserStage inWholeBrowser(TestDatabase database) throws SQLException {
        return new BrowserStage(database, Chromium::startWhole);
    }

    RunningSite site() {
        return site;
    }

    FaultProxy proxy() {
        return proxy;
    }

    Chromium chromium() {
        return chromium;
    }

    Connection connect() throws SQLException {
        return database.connect();
    }

    /** Ends the site, has something executed while there is none, and starts another at the same port. */
    void restart(String... meanwhile) throws SQLException {
        int port = site.port();
        site.close();
        for (String sql : meanwhile) {
            site.execute(sql);
        }
        site = RunningSite.on(database, database, port);
    }

    /** The site as the browser sees it. */
    String origin() {
        return "http://127.0.0.1:" + proxy.port();
    }

    /** A tab that has loaded nothing but the module. */
    ReplicaTab blankTab() {
        return ReplicaTab.blank(chromium, origin());
    }

    /** A tab whose replica is live. */
    ReplicaTab liveTab() {
        return ReplicaTab.live(chromium, origin());
    }

    /** Closes all tabs, none of which had anything to complain of, and lets the network work again. */
    void clear() {
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
