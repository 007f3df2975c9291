/**
 * Backups of the whole State as files that Aurora can read, and the way back: staging, checking and
 * committing one, or loading one into an empty journal. {@link
 * io.borealis.scheduler.backup.Backups} writes them, {@link
 * io.borealis.scheduler.backup.BackupContent} is what is read from one, {@link
 * io.borealis.scheduler.backup.Recovery} puts it in the place of the live State, in one transaction
 * after which the term ends. Files are touched on a pool of their own; nothing here holds up the
 * writer but the transaction of a commit.
 */
@NullMarked
package io.borealis.scheduler.backup;

import org.jspecify.annotations.NullMarked;
