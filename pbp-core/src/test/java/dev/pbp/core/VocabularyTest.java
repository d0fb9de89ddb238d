package dev.pbp.core;

import dev.pbp.testing.VocabularyRules;

/** The words that the glossary has replaced in this module. */
final class VocabularyTest extends VocabularyRules {
    VocabularyTest() {
        super(Where.EVERYWHERE, 25, "Vigil", "Progress");
    }
}
