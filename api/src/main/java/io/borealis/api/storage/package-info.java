/**
 * What is written to the journal, to snapshots and to backups, generated from {@code
 * storage.thrift}. All types are immutable.
 */
@NullMarked
package io.borealis.api.storage;

import org.jspecify.annotations.NullMarked;
