package dev.pbp.testing;

import java.util.List;

/**
 * One annotation or comment: see {@link Evidence}.
 *
 * @param test {@code Class.method}, {@code Class}, or {@code file: name} in JavaScript
 */
record EvidenceRecord(
        String test,
        String guarantee,
        String claim,
        String how,
        List<String> brokenOnce,
        String notBroken,
        String recordedAt) {}
