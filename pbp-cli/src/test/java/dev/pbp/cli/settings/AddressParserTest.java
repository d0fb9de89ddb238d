package dev.pbp.cli.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class AddressParserTest {
    private static PostgresAddress parse(String url) {
        return AddressParser.parse(new SettingValue(url, "PBP_URL"), AddressParser.Defaults.of("me"));
    }

    @Test
    void readsAllPartsOfALibpqAddress() {
        PostgresAddress address = parse("postgresql://u:p@db.example:6543/shop?sslmode=require&application_name=x");
        assertThat(address.hosts()).containsExactly(new HostPort("db.example", 6543));
        assertThat(address.user()).isEqualTo("u");
        assertThat(address.password()).isEqualTo("p");
        assertThat(address.database()).isEqualTo("shop");
        assertThat(address.jdbcUrl())
                .isEqualTo("jdbc:postgresql://db.example:6543/shop?ApplicationName=x&sslmode=require");
    }

    @Test
    void decodesPercentSignsAndLeavesPlusAlone() {
        PostgresAddress address = parse("postgres://a%40b:p%3A%2F%3f+%C3%B6@h/d%20b");
        assertThat(address.user()).isEqualTo("a@b");
        assertThat(address.password()).isEqualTo("p:/?+ö");
        assertThat(address.database()).isEqualTo("d b");
    }

    @Test
    void takesTheLastAtSignAsTheEndOfThePassword() {
        assertThat(parse("postgres://u:p@q@h/d").password()).isEqualTo("p@q");
    }

    @Test
    void readsSeveralHostsAndIpv6() {
        assertThat(parse("postgres://u@a,b:2,[::1]:3,[fe80::2]/d").hosts())
                .containsExactly(
                        new HostPort("a", 5432),
                        new HostPort("b", 2),
                        new HostPort("::1", 3),
                        new HostPort("fe80::2", 5432));
        assertThat(parse("postgres://u@a,[::1]:3/d").jdbcUrl()).isEqualTo("jdbc:postgresql://a:5432,[::1]:3/d");
    }

    @Test
    void fillsInUserDatabaseHostAndPortAsLibpqDoes() {
        assertThat(parse("postgres://")).hasToString("me@localhost:5432/me");
        assertThat(parse("postgres://u@")).hasToString("u@localhost:5432/u");
        assertThat(parse("jdbc:postgresql:db")).hasToString("me@localhost:5432/db");
        assertThat(parse("jdbc:postgresql:///db")).hasToString("me@localhost:5432/db");
    }

    @Test
    void readsAJdbcAddress() {
        PostgresAddress address =
                parse("jdbc:postgresql://h1:1,h2:2/db?user=u&password=p+q%2B&targetServerType=primary&ssl=true");
        assertThat(address.user()).isEqualTo("u");
        assertThat(address.password()).isEqualTo("p q+");
        assertThat(address.hosts()).hasSize(2);
        assertThat(address.uri())
                .isEqualTo("postgresql://u:p%20q%2B@h1:1,h2:2/db?sslmode=verify-full&target_session_attrs=primary");
    }

    @Test
    void printsAnAddressThatReadsBackTheSame() {
        for (String url : List.of(
                "postgresql://u:p%20%2F@h:1,[::1]:2/d%C3%B6?application_name=a%26b&options=-c%20x%3D1",
                "postgresql://u@h:5432/d?passfile=/a%20b/c",
                "postgresql://u@h:5432/d?connect_timeout=3&target_session_attrs=prefer-standby")) {
            assertThat(parse(url).uri()).isEqualTo(url);
            assertThat(parse(parse(url).uri())).isEqualTo(parse(url));
        }
    }

    @Test
    void knowsPassfile() {
        assertThat(parse("postgres://h/d?passfile=/a%20b").passFile()).isEqualTo(Path.of("/a b"));
    }

    @Test
    void neverShowsThePasswordInMessages() {
        assertThat(parse("postgres://u:secret@h/d").toString()).doesNotContain("secret");
        for (String bad : List.of(
                "postgres://u:secret@h:x/d",
                "postgres://u:secret@h/d?foo=1",
                "mysql://u:secret@h/d",
                "postgres://u:secret%@h/d",
                "jdbc:postgresql://u:secret@h/d")) {
            assertThatThrownBy(() -> parse(bad))
                    .isInstanceOf(InvalidSettingException.class)
                    .hasMessageStartingWith("PBP_URL: ")
                    .hasMessageNotContaining("secret");
        }
    }

    @Test
    void namesWhatIsWrong() {
        assertThatThrownBy(() -> parse("localhost:5432")).hasMessageContaining("expected postgresql://");
        assertThatThrownBy(() -> parse("postgres://h:0/d")).hasMessageContaining("is not a port");
        assertThatThrownBy(() -> parse("postgres://h:65536/d")).hasMessageContaining("is not a port");
        assertThatThrownBy(() -> parse("postgres://h/d?sslmdoe=require")).hasMessageContaining("'sslmdoe'");
        assertThatThrownBy(() -> parse("jdbc:postgresql://h/d?sslmdoe=x")).hasMessageContaining("'sslmdoe'");
        assertThatThrownBy(() -> parse("postgres://h/d?x")).hasMessageContaining("NAME=VALUE");
        assertThatThrownBy(() -> parse("postgres://%2Frun%2Fpg/d")).hasMessageContaining("Unix socket");
        assertThatThrownBy(() -> parse("postgres://h/d%zz")).hasMessageContaining("%25");
        assertThatThrownBy(() -> parse("postgres://h/d%f")).hasMessageContaining("%25");
        assertThatThrownBy(() -> parse("postgres://h/d%ff")).hasMessageContaining("not UTF-8");
        assertThatThrownBy(() -> parse("postgres://[::1/d")).hasMessageContaining("IPv6");
        assertThatThrownBy(() -> parse("postgres://h/d?target_session_attrs=up"))
                .hasMessageContaining("target_session_attrs=up");
    }
}
