/**
 * The replicated log: the only place where state is durable.
 *
 * <p>A {@link io.borealis.scheduler.journal.Journal} is one process's view of a log in ZooKeeper.
 * Followers tail it into a {@link io.borealis.scheduler.journal.JournalListener}; the leader fences
 * everybody else off and appends. {@link io.borealis.scheduler.journal.EntryCodec} makes payloads
 * of transactions and States; nothing else here looks into them. {@link
 * io.borealis.scheduler.journal.Journals} makes journals on ZooKeeper; tests run the same code on a
 * simulated one. {@link io.borealis.scheduler.journal.EmbeddedZooKeeper} runs a server.
 *
 * <p>Threads: each journal lives on one event loop; callbacks of ZooKeeper only hand over to it.
 *
 * <p>Invariants: an append changes something only while the epoch is the one it was fenced with; an
 * index is never used twice; nothing lands behind a gap; the newest entry is never deleted.
 */
@NullMarked
package io.borealis.scheduler.journal;

import org.jspecify.annotations.NullMarked;
