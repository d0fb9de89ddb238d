package dev.pbp.core.feed;

import java.util.Set;

/** Says who may read which tables of the feed, for those who pass it on. Safe for use by any number of threads. */
@FunctionalInterface
public interface TableRights {
    /**
     * The tracked tables of which a database role may read every column. The call blocks for a short query.
     *
     * @param role the role's name; one that does not exist may read nothing
     * @return the tables' names as in {@link Change#table()}
     * @throws FeedException if the database cannot be asked
     */
    Set<String> readableBy(String role);
}
