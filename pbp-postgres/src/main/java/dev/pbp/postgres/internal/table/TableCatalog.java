package dev.pbp.postgres.internal.table;

import dev.pbp.core.model.TableDescription;
import dev.pbp.postgres.internal.view.ValueType;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The tracked tables that a role may read, from the catalog. Ask as a role that may read the schema pbp. */
public final class TableCatalog {
    /** A role that does not exist may read nothing. */
    private static final String READABLE = """
            FROM pbp.tracked t
            JOIN pg_catalog.pg_class c ON c.oid = t.rel
            JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
            JOIN pg_catalog.pg_roles r ON r.rolname = coalesce(?::text, current_user)
            WHERE t.suspended IS NULL AND pg_catalog.has_table_privilege(r.oid, c.oid, 'SELECT')
              AND pg_catalog.has_schema_privilege(r.oid, n.oid, 'USAGE')""";

    private static final String SECURED = "CASE WHEN c.relkind = 'p' THEN (SELECT bool_or(m.relrowsecurity)"
            + " FROM pbp.members(t.rel) AS member JOIN pg_catalog.pg_class m ON m.oid = member)"
            + " ELSE c.relrowsecurity END AS secured";

    private static final String COLUMNS = """
            JOIN pg_catalog.pg_attribute a ON a.attrelid = t.rel AND a.attnum > 0 AND NOT a.attisdropped
                AND a.attname <> ALL (t.hidden)""";

    /** By code points compare the built-in provider's collations and C, in UTF-8. Versions have other columns for the default's. */
    private static final String COLLATION = """
            (SELECT CASE WHEN pg_catalog.getdatabaseencoding() = 'UTF8' AND (l.provider = 'b' OR l.provider = 'c' AND l.locale IN ('C', 'POSIX'))
                         THEN 'C' ELSE nullif(l.name, 'C') END
             FROM (SELECT o.collname AS name,
                          CASE o.collprovider WHEN 'd' THEN coalesce(d.j ->> 'datlocprovider', 'c') ELSE o.collprovider::text END AS provider,
                          CASE o.collprovider WHEN 'd' THEN d.j ->> 'datcollate' ELSE o.collcollate END AS locale
                   FROM pg_catalog.pg_collation o,
                        (SELECT pg_catalog.to_jsonb(b) AS j FROM pg_catalog.pg_database b WHERE b.datname = current_database()) d
                   WHERE o.oid = a.attcollation) l)""";

    private static final String ALL =
            "SELECT t.name, t.key, a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod), t.writable, " + COLLATION
                    + " FROM (SELECT t.name, t.rel, pbp.hidden(t.rel, t.excluded) AS hidden, pbp.key_columns(t.rel) AS key,"
                    + " pg_catalog.has_any_column_privilege(r.oid, c.oid, 'INSERT, UPDATE')"
                    + " OR pg_catalog.has_table_privilege(r.oid, c.oid, 'DELETE') AS writable, "
                    + SECURED + " " + READABLE + " OFFSET 0) t " + COLUMNS
                    + " WHERE NOT t.secured ORDER BY t.name COLLATE \"C\", a.attnum";

    /**
     * A type whatever the search path: those that have a syntax of their own are keywords; of others the modifier is what format_type
     * adds for it.
     */
    private static final String INPUT = """
            (SELECT CASE WHEN e.oid = ANY ('{bool,float4,float8,int2,int4,int8,interval,numeric,time,timetz,timestamp,timestamptz,varbit,varchar}'
                                           ::pg_catalog.regtype[])
                           OR e.oid IN ('pg_catalog.bpchar'::pg_catalog.regtype, 'pg_catalog.bit'::pg_catalog.regtype) AND a.atttypmod >= 0
                         THEN pg_catalog.format_type(e.oid, a.atttypmod)
                         ELSE format('%I.%I', en.nspname, e.typname)
                              || substr(pg_catalog.format_type(e.oid, a.atttypmod), length(pg_catalog.format_type(e.oid, -1)) + 1) END
                    || CASE WHEN is_array THEN '[]' ELSE '' END
             FROM (SELECT x.typinput = 'pg_catalog.array_in'::pg_catalog.regproc AS is_array, x.oid, x.typelem
                   FROM pg_catalog.pg_type x WHERE x.oid = a.atttypid) o
             JOIN pg_catalog.pg_type e ON e.oid = CASE WHEN is_array THEN o.typelem ELSE o.oid END
             JOIN pg_catalog.pg_namespace en ON en.oid = e.typnamespace)""";

    private static final String ONE = """
            SELECT t.secured, t.key, t.relation, t.rows, t.shape, t.settings,
                   a.attname, quote_ident(a.attname), pg_catalog.format_type(a.atttypid, a.atttypmod),
                   CASE WHEN pbp.is_built_in(b.oid) OR b.typtype = 'e' THEN format('%I.%I', bn.nspname, b.typname) END,
                   coalesce(l.collisdeterministic, true),
                   """ + INPUT + """
            ,
                   CASE WHEN b.oid IN ('pg_catalog.json'::pg_catalog.regtype, 'pg_catalog.jsonb'::pg_catalog.regtype) THEN 'JSON'
                        WHEN b.typinput = 'pg_catalog.array_in'::pg_catalog.regproc THEN 'ARRAY'
                        WHEN b.typtype = 'c' THEN 'COMPOSITE'
                        WHEN b.typcategory = 'N' THEN 'NUMBER' ELSE 'SCALAR' END,
                   CASE WHEN a.attgenerated <> '' OR a.attidentity = 'a' THEN 'GENERATED'
                        WHEN a.attidentity <> '' THEN 'IDENTITY' ELSE 'WRITER' END,
                   CASE WHEN l.collname <> 'default' OR l.collnamespace <> 'pg_catalog'::regnamespace
                        THEN (SELECT format('%I.%I', nspname, l.collname) FROM pg_catalog.pg_namespace WHERE oid = l.collnamespace) END,
                   b.typname, b.typcategory, pg_catalog.getdatabaseencoding() = 'UTF8',
                   (l.oid IN ('pg_catalog."C"'::regcollation, 'pg_catalog."POSIX"'::regcollation)
                       OR l.collname = 'default' AND (SELECT datcollate IN ('C', 'POSIX') AND coalesce(to_jsonb(d)->>'datlocprovider', 'c') = 'c'
                                                      FROM pg_catalog.pg_database d WHERE datname = current_database()))
            FROM (SELECT t.rel, pbp.hidden(t.rel, t.excluded) AS hidden, pbp.key_columns(t.rel) AS key,
                         format('%I.%I', n.nspname, c.relname) AS relation,
                         pbp.read_from(t.rel, t.excluded) AS rows, pbp.check_shape(t.rel, t.excluded) AS shape,
                         (SELECT format('SET LOCAL lc_monetary = %L', substr(setting, 13))
                          FROM pg_catalog.pg_proc p, unnest(p.proconfig) setting
                          WHERE p.pronamespace = 'pbp'::regnamespace AND p.proname = t.fn AND setting LIKE 'lc_monetary=%') AS settings,
            """
            + SECURED + " " + READABLE + " AND t.name = ? OFFSET 0) t " + COLUMNS
            + " JOIN pg_catalog.pg_type b ON b.oid = pbp.base_type(a.atttypid)"
            + " JOIN pg_catalog.pg_namespace bn ON bn.oid = b.typnamespace"
            + " LEFT JOIN pg_catalog.pg_collation l ON l.oid = a.attcollation ORDER BY a.attnum";

    /**
     * The rows of the catalog on which {@link #find} depends: each has another xmin once it is changed. Takes the role, null for the one
     * that asks, and the table's name; gives no row if the table is not tracked, or the role may not read it.
     */
    public static final String VERSION = "SELECT pg_catalog.concat_ws(' ', t.secured, t.version,"
            + " (SELECT pg_catalog.string_agg(a.xmin::text, ' ' ORDER BY a.attnum) FROM pg_catalog.pg_attribute a"
            + " WHERE a.attrelid = t.rel AND a.attnum > 0),"
            + " (SELECT pg_catalog.string_agg(pg_catalog.concat_ws(' ', i.indexrelid, i.xmin), ' ') FROM pg_catalog.pg_index i"
            + " WHERE i.indrelid = t.rel AND i.indisprimary))"
            + " FROM (SELECT t.rel, pg_catalog.concat_ws(' ', t.rel::oid, t.xmin, c.xmin, n.xmin) AS version, "
            + SECURED + " " + READABLE + " AND t.name = ? OFFSET 0) t";

    /** Those that are compared in memory, but for text. */
    private static final Map<String, ValueType> COMPARED = Map.of(
            "bool", ValueType.BOOLEAN,
            "int2", ValueType.SMALLINT,
            "int4", ValueType.INTEGER,
            "int8", ValueType.BIGINT,
            "numeric", ValueType.NUMERIC,
            "uuid", ValueType.UUID,
            "date", ValueType.DATE,
            "time", ValueType.TIME,
            "timestamp", ValueType.TIMESTAMP,
            "timestamptz", ValueType.TIMESTAMPTZ);

    /** Their text is looked up in the catalog, which may have changed since it was written. */
    private static final Set<String> LOOKED_UP = Set.of(
            "aclitem",
            "regclass",
            "regcollation",
            "regconfig",
            "regdictionary",
            "regnamespace",
            "regoper",
            "regoperator",
            "regproc",
            "regprocedure",
            "regrole",
            "regtype");

    private TableCatalog() {}

    /**
     * All that have no row-level security.
     *
     * @param role the role; null for the one that asks
     */
    public static List<TableDescription> describe(Connection connection, @Nullable String role) throws SQLException {
        Map<String, List<String>> keys = new LinkedHashMap<>();
        Map<String, List<TableDescription.Column>> columns = new LinkedHashMap<>();
        Set<String> writable = new HashSet<>();
        try (PreparedStatement select = connection.prepareStatement(ALL)) {
            select.setString(1, role);
            try (ResultSet rows = select.executeQuery()) {
                while (rows.next()) {
                    String table = rows.getString(1);
                    keys.put(table, texts(rows, 2));
                    if (rows.getBoolean(5)) {
                        writable.add(table);
                    }
                    columns.computeIfAbsent(table, name -> new ArrayList<>())
                            .add(new TableDescription.Column(rows.getString(3), rows.getString(4), rows.getString(6)));
                }
            }
        }
        return columns.entrySet().stream()
                .map(table -> new TableDescription(
                        table.getKey(),
                        keys.getOrDefault(table.getKey(), List.of()),
                        table.getValue(),
                        writable.contains(table.getKey())))
                .toList();
    }

    /**
     * One of them.
     *
     * @param role the role; null for the one that asks
     * @param version the version that was found just before
     * @return nothing if it is not tracked, or the role may not read it
     */
    static Optional<ReadableTable> find(Connection connection, String table, @Nullable String role, String version)
            throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(ONE)) {
            select.setString(1, role);
            select.setString(2, table);
            try (ResultSet rows = select.executeQuery()) {
                ReadableTable found = null;
                Map<String, TableColumn> columns = new LinkedHashMap<>();
                while (rows.next()) {
                    TableColumn column = column(rows);
                    columns.put(column.name(), column);
                    found = new ReadableTable(
                            table,
                            rows.getBoolean(1),
                            texts(rows, 2),
                            rows.getString(3),
                            rows.getString(4),
                            rows.getString(5),
                            Objects.requireNonNullElse(rows.getString(6), ""),
                            columns,
                            version);
                }
                return Optional.ofNullable(found);
            }
        }
    }

    /**
     * What is another text once {@link #find} would find something else, but for types that were renamed.
     *
     * @param role the role; null for the one that asks
     * @return nothing if the table is not tracked, or the role may not read it
     */
    static Optional<String> version(Connection connection, String table, @Nullable String role) throws SQLException {
        if (table.indexOf('\0') >= 0) {
            return Optional.empty(); // PostgreSQL's text cannot hold it
        }
        try (PreparedStatement select = connection.prepareStatement(VERSION)) {
            select.setString(1, role);
            select.setString(2, table);
            try (ResultSet rows = select.executeQuery()) {
                return rows.next() ? Optional.of(rows.getString(1)) : Optional.empty();
            }
        }
    }

    private static TableColumn column(ResultSet rows) throws SQLException {
        String cast = rows.getString(10);
        String type = rows.getString(16);
        return new TableColumn(
                rows.getString(7),
                rows.getString(8),
                rows.getString(9),
                cast,
                rows.getBoolean(11),
                rows.getString(12),
                TableColumn.Form.valueOf(rows.getString(13)),
                TableColumn.Filling.valueOf(rows.getString(14)),
                rows.getString(15),
                cast != null && cast.startsWith("pg_catalog.") ? compared(type, rows) : null,
                followed(type, rows.getString(17)));
    }

    /** Of other encodings than UTF-8, two characters may be sent as one. */
    private static @Nullable ValueType compared(String type, ResultSet rows) throws SQLException {
        if (!type.equals("text") && !type.equals("varchar")) {
            return COMPARED.get(type);
        } else if (!rows.getBoolean(18)) {
            return null;
        }
        return rows.getBoolean(19) ? ValueType.TEXT_C : rows.getBoolean(11) ? ValueType.TEXT : null;
    }

    /** An array's JSON does not show its bounds, nor which of its elements are arrays. */
    private static TableColumn.Followed followed(String type, String category) {
        return switch (type) {
            case "json", "jsonb" -> TableColumn.Followed.NULL_UNCLEAR;
            default ->
                category.equals("A") || LOOKED_UP.contains(type)
                        ? TableColumn.Followed.NO
                        : TableColumn.Followed.EXACTLY;
        };
    }

    private static List<String> texts(ResultSet rows, int column) throws SQLException {
        return List.of((String[]) rows.getArray(column).getArray());
    }
}
