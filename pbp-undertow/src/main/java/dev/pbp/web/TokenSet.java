package dev.pbp.web;

import java.security.MessageDigest;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The tokens in force. Immutable. */
final class TokenSet {
    private final List<TokenFile.Token> tokens;
    /** By the object: two lines may describe equal identities. */
    private final Map<Identity, TokenFile.Token> byIdentity;

    private TokenSet(List<TokenFile.Token> tokens) {
        this.tokens = List.copyOf(tokens);
        Map<Identity, TokenFile.Token> map = new IdentityHashMap<>();
        tokens.forEach(token -> map.put(token.identity(), token));
        byIdentity = Collections.unmodifiableMap(map);
    }

    static TokenSet of(List<TokenFile.Token> tokens) {
        return new TokenSet(tokens);
    }

    /** The tokens of a newer file. Those that are in both keep their identity, also if their expiry is another. */
    TokenSet replacedBy(List<TokenFile.Token> newer) {
        List<TokenFile.Token> all = new ArrayList<>();
        for (TokenFile.Token token : newer) {
            TokenFile.Token before = find(token.hash());
            all.add(
                    before != null && before.identity().equals(token.identity())
                            ? new TokenFile.Token(token.hash(), before.identity(), token.expires())
                            : token);
        }
        return new TokenSet(all);
    }

    /** The token with a hash, expired or not. The time does not depend on which it is, nor on how much of the hash is right. */
    TokenFile.@Nullable Token find(byte[] hash) {
        TokenFile.Token found = null;
        for (TokenFile.Token each : tokens) { // all of them, whichever it is
            if (MessageDigest.isEqual(each.hash(), hash)) {
                found = each;
            }
        }
        return found;
    }

    boolean holds(Identity identity, Instant now) {
        TokenFile.Token token = byIdentity.get(identity);
        return token != null && token.isValid(now);
    }

    /** Whether each identity of this set that was valid at a time is valid in another set at a later time. */
    boolean hasLost(Instant then, TokenSet newer, Instant now) {
        return tokens.stream().anyMatch(token -> token.isValid(then) && !newer.holds(token.identity(), now));
    }

    int size() {
        return tokens.size();
    }
}
