package dev.pbp.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SiteSettingsTest {
    private static final SiteSettings SITE = new SiteSettings("127.0.0.1", 0, Set.of(), Set.of(), Set.of());

    @ParameterizedTest
    @CsvSource({
        "10.0.0.0/8, 10.255.0.1, true",
        "10.0.0.0/8, 11.0.0.1, false",
        "192.0.2.128/25, 192.0.2.200, true",
        "192.0.2.128/25, 192.0.2.127, false",
        "192.0.2.7, 192.0.2.7, true",
        "192.0.2.7, 192.0.2.8, false",
        "0.0.0.0/0, 203.0.113.9, true",
        "0.0.0.0/0, 2001:db8::1, false",
        "2001:db8::/32, 2001:db8:ffff::1, true",
        "2001:db8::/33, 2001:db8:8000::1, false",
        "::1, ::1, true",
        "::/0, 192.0.2.7, false"
    })
    void aRangeContainsItsAddressesAndNoOthers(String range, String address, boolean contained) throws Exception {
        Predicate<InetAddress> trust = SITE.withTrustedProxies(List.of(range)).trust();
        assertThat(trust.test(InetAddress.getByName(address))).isEqualTo(contained);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "10.0.0.0/",
                "10.0.0.0/33",
                "10.0.0.0/08",
                "10.0.0.0/-1",
                "10.0.0.1/8",
                "010.0.0.0/8",
                "10.0.0/8",
                "256.0.0.0/8",
                "0x0a000000/8",
                "167772160",
                "localhost",
                "proxy.example/32",
                "10.0.0.0/8/8",
                " 10.0.0.0/8",
                "2001:db8::/129",
                "2001:db8::1/32",
                "2001:db8:::/32",
                "fe80::1%eth0",
                "[::1]",
                ":",
                ".:1",
                "::ffff:10.0.0.0/104",
                "*"
            })
    void whatIsNoRangeIsNamed(String bad) {
        assertThatThrownBy(() -> SITE.withTrustedProxies(List.of("192.0.2.0/24", bad)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("\"" + bad + "\"");
    }

    @Test
    void anOriginIsKeptAsBrowsersSendIt() {
        assertThat(SITE.withOrigins(List.of(
                                "https://Shop.example:443",
                                "http://shop.example:80",
                                "http://localhost:3000",
                                "http://[::1]:3000"))
                        .origins())
                .containsExactlyInAnyOrder(
                        "https://shop.example", "http://shop.example", "http://localhost:3000", "http://[::1]:3000");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "*",
                "null",
                "shop.example",
                "https://",
                "https://*.shop.example",
                "https://shop.example/",
                "https://shop.example/page",
                "https://shop.example:0",
                "https://shop.example:65536",
                "https://user@shop.example",
                "ftp://shop.example",
                "https://bücher.example"
            })
    void whatIsNoOriginIsNamed(String bad) {
        assertThatThrownBy(() -> SITE.withOrigins(List.of(bad)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("\"" + bad + "\"");
    }

    @Test
    void allOriginsAtOnceAreRejectedWithTheReason() {
        assertThatThrownBy(() -> SITE.withOrigins(List.of("*")))
                .hasMessageContaining("every page on the web")
                .hasMessageContaining("name the sites");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/live", "/apps/live", "/a.b-c_d~e"})
    void aBasePathIsSegmentsBehindSlashes(String path) {
        assertThat(SITE.withBasePath(path).prefix()).isEqualTo(path);
    }

    @Test
    void aSlashIsNoBasePath() {
        assertThat(SITE.withBasePath("/").prefix()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "live",
                "/live/",
                "//live",
                "/live//x",
                "/../x",
                "/./x",
                "/a b",
                "/a%20b",
                "/a?b",
                "/ä",
                "/api",
                "/static/x"
            })
    void whatIsNoBasePathIsNamed(String bad) {
        assertThatThrownBy(() -> SITE.withBasePath(bad))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("\"" + bad + "\"");
    }

    @ParameterizedTest
    @CsvSource({
        "127.0.0.1, false",
        "127.1.2.3, false",
        "localhost, false",
        "::1, false",
        "0.0.0.0, true",
        "::, true",
        "192.0.2.7, true",
        "no-such-host.invalid, true"
    })
    void onlyLoopbackAddressesAreOutOfOthersReach(String bind, boolean exposed) {
        assertThat(new SiteSettings(bind, 0, Set.of(), Set.of(), Set.of()).isExposed())
                .isEqualTo(exposed);
    }
}
