package dev.pbp.postgres.internal;

import dev.pbp.testing.VocabularyRules;

/** The words that the glossary has replaced in this module. */
final class VocabularyTest extends VocabularyRules {
    VocabularyTest() {
        super(
                Where.EVERYWHERE,
                90,
                "Vigil",
                "WaitingReader",
                "AwakeFlag",
                "SequenceFlag",
                "Progress",
                "LogRows",
                "TableRefetch",
                "UnreadableRows?");
    }
}
