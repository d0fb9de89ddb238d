package dev.pbp.cli.doctor;

import dev.pbp.cli.database.SqlQuoting;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Whether the log and the triggers' functions belong to a role that can do nothing else, and no other role may call them. */
final class OwnersCheck implements Check {
    static final String ROLE = "pbp_log";

    private static final String SECURE = "SELECT pbp.secure();";

    /** What {@code pbp.secure} hands over. The other trigger functions belong to the installing role, as the schema does. */
    private static final String OBJECTS = "SELECT r.rolname, r.rolsuper,"
            + " string_agg(o.name, ', ' ORDER BY o.name) FILTER (WHERE NOT o.is_function),"
            + " count(*) FILTER (WHERE o.is_function), min(o.name) FILTER (WHERE o.is_function)"
            + " FROM (SELECT c.relowner AS owner, 'pbp.' || c.relname AS name, false AS is_function"
            + " FROM pg_class c WHERE c.relnamespace = 'pbp'::regnamespace AND c.relname IN ('log', 'awake')"
            + " UNION ALL SELECT p.proowner, 'pbp.' || p.proname, true FROM pg_proc p"
            + " WHERE p.pronamespace = 'pbp'::regnamespace"
            + " AND (p.proname IN ('create_function', 'open_function', 'drop_function')"
            + " OR p.prorettype = 'trigger'::regtype"
            + " AND p.proname NOT IN ('keep_tracked', 'drop_tracked', 'seal_tracked', 'discard_replicated', 'log_refetch'))) o"
            + " JOIN pg_roles r ON r.oid = o.owner WHERE r.rolname <> '" + ROLE + "' GROUP BY 1, 2 ORDER BY 1";

    private static final String PUBLIC_FUNCTIONS = "SELECT string_agg('pbp.' || p.proname, ', ' ORDER BY p.proname)"
            + " FROM pg_proc p WHERE p.pronamespace = 'pbp'::regnamespace"
            + " AND (p.prosecdef OR p.prorettype = 'trigger'::regtype)"
            + " AND EXISTS (SELECT FROM aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a"
            + " WHERE a.grantee = 0 AND a.privilege_type = 'EXECUTE')";

    private static final String ATTRIBUTES = "SELECT concat_ws(', ', CASE WHEN rolcanlogin THEN 'LOGIN' END,"
            + " CASE WHEN rolsuper THEN 'SUPERUSER' END, CASE WHEN rolcreaterole THEN 'CREATEROLE' END,"
            + " CASE WHEN rolcreatedb THEN 'CREATEDB' END, CASE WHEN rolreplication THEN 'REPLICATION' END,"
            + " CASE WHEN rolbypassrls THEN 'BYPASSRLS' END), rolsuper FROM pg_roles WHERE rolname = '" + ROLE + "'";

    /**
     * From 16 on the role that created it is a member that can neither use nor take its rights. Older versions have no such
     * columns, and no such members.
     */
    private static final String MEMBERS = "SELECT r.rolname, m.rolname, g.rolname"
            + " FROM pg_auth_members a JOIN pg_roles r ON r.oid = a.roleid JOIN pg_roles m ON m.oid = a.member"
            + " LEFT JOIN pg_roles g ON g.oid = a.grantor AND current_setting('server_version_num')::int >= 160000"
            + " WHERE m.rolname = '" + ROLE + "' OR r.rolname = '" + ROLE + "'"
            + " AND (coalesce((to_jsonb(a) ->> 'inherit_option')::boolean, true)"
            + " OR coalesce((to_jsonb(a) ->> 'set_option')::boolean, true)) ORDER BY 1, 2, 3";

    private record Owned(String role, boolean superuser, String objects) {}

    private record Attributes(String names, boolean superuser) {
        String remove() {
            return "ALTER ROLE " + ROLE + " NO" + names.replace(", ", " NO") + ";";
        }
    }

    private record Membership(String role, String member, String grantor) {
        String revoke() {
            return grantor.isEmpty()
                    ? SqlQuoting.statement("REVOKE %s FROM %s", role, member)
                    : SqlQuoting.statement("REVOKE %s FROM %s GRANTED BY %s CASCADE", role, member, grantor);
        }
    }

    @Override
    public String name() {
        return "owners";
    }

    @Override
    public void look(CheckContext context, CheckReport report) throws SQLException {
        if (!context.catalog().isInitialised()) {
            return;
        }
        Optional<Attributes> role =
                context.catalog().row(ATTRIBUTES, row -> new Attributes(row.getString(1), row.getBoolean(2)));
        owners(context, report, role);
        callers(context, report);
        if (role.isPresent()) {
            attributes(report, role.get());
            members(context, report);
        }
    }

    private static void owners(CheckContext context, CheckReport report, Optional<Attributes> role)
            throws SQLException {
        List<String> mend = new ArrayList<>(List.of("# as a superuser:"));
        if (role.isEmpty()) {
            mend.add("CREATE ROLE " + ROLE + " NOLOGIN NOINHERIT;");
        } else if (!role.get().names().isEmpty()) {
            mend.add(role.get().remove()); // pbp.secure refuses such a role
        }
        mend.add(SECURE);
        for (Owned owned : context.catalog()
                .rows(
                        OBJECTS,
                        row -> new Owned(
                                row.getString(1),
                                row.getBoolean(2),
                                described(row.getString(3), row.getInt(4), row.getString(5))))) {
            report.found(
                    owned.superuser() ? Severity.SERIOUS : Severity.WARNING,
                    "owned by role " + owned.role() + " instead of " + ROLE + ": " + owned.objects(),
                    "code that a table's owner could get to run in a trigger would run with the rights of "
                            + owned.role() + (owned.superuser() ? ", a superuser" : "")
                            + "; no such code is known today, see SECURITY.md",
                    mend.toArray(String[]::new));
        }
    }

    private static String described(@Nullable String relations, int functions, @Nullable String first) {
        List<String> objects = new ArrayList<>();
        if (relations != null) {
            objects.add(relations);
        }
        if (functions > 0) {
            objects.add(functions == 1 ? "function " + first : functions + " functions of the triggers");
        }
        return String.join(", ", objects);
    }

    private static void callers(CheckContext context, CheckReport report) throws SQLException {
        String open =
                context.catalog().row(PUBLIC_FUNCTIONS, row -> row.getString(1)).orElse("");
        if (!open.isEmpty()) {
            report.found(
                    Severity.WARNING,
                    "every role may execute " + open,
                    "they run with their owner's rights: a role that may use the schema pbp could log changes that never"
                            + " happened, or stop changes from being logged; a dump that is restored without its grants"
                            + " leaves them so",
                    "# as a superuser:",
                    SECURE);
        }
    }

    private static void attributes(CheckReport report, Attributes role) {
        if (!role.names().isEmpty()) {
            report.found(
                    role.superuser() ? Severity.SERIOUS : Severity.WARNING,
                    "role " + ROLE + " has " + role.names(),
                    "the triggers of tracked tables run with its rights, and it needs none of these",
                    "# as a superuser:",
                    role.remove());
        }
    }

    private static void members(CheckContext context, CheckReport report) throws SQLException {
        for (Membership found : context.catalog()
                .rows(
                        MEMBERS,
                        row -> new Membership(
                                row.getString(1),
                                row.getString(2),
                                row.getString(3) == null ? "" : row.getString(3)))) {
            report.found(
                    Severity.WARNING,
                    "role " + found.member() + " is a member of " + found.role(),
                    found.member().equals(ROLE)
                            ? "the triggers of tracked tables run with its rights, and it needs no other role's"
                            : "the log and the functions that fill it belong to " + ROLE
                                    + ": a member can alter them, and forge or withhold changes",
                    "# as a superuser:",
                    found.revoke());
        }
    }
}
