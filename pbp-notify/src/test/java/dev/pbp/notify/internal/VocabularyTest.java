package dev.pbp.notify.internal;

import dev.pbp.testing.VocabularyRules;

/** The words that the glossary has replaced in this module. */
final class VocabularyTest extends VocabularyRules {
    VocabularyTest() {
        super(
                Where.EVERYWHERE,
                60,
                "Multiplexer",
                "ListenPlan",
                "RoutingTable",
                "Mailbox",
                "MailboxOwner",
                "Turn",
                "Patience",
                "Afterwards",
                "StateBoard",
                "Closing",
                "Wire",
                "Batches",
                "Outbox",
                "Ear",
                "Wiring",
                "Wired",
                "Woken",
                "Awaiting",
                "Outgoing",
                "Incoming",
                "Acknowledgements");
    }
}
