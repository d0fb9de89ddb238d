package dev.pbp.notify;

import javax.sql.DataSource;
import org.postgresql.ds.PGSimpleDataSource;

/** Takes the settings out of a data source, if it is one that makes connections and keeps none. */
final class DataSources {
    private DataSources() {}

    static HubBuilder builder(DataSource source) {
        if (!(source instanceof PGSimpleDataSource simple)) {
            throw new IllegalArgumentException(
                    "data source " + source.getClass().getName()
                            + ": a hub keeps its connection for good and makes it by itself, so it takes no pool and no wrapper;"
                            + " give it a PGSimpleDataSource or the JDBC address");
        }
        HubBuilder builder = new HubBuilder(simple.getUrl());
        String user = simple.getUser();
        if (user != null) {
            builder.user(user);
        }
        String password = simple.getPassword();
        if (password != null) {
            builder.password(password);
        }
        return builder;
    }
}
