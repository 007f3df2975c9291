/**
 * The Aurora API as immutable records, generated from {@code aurora.thrift}. What a request carried
 * is what is stored and what a reply writes; there are no converters. All types are immutable and
 * may be shared by threads.
 */
@NullMarked
package io.borealis.api;

import org.jspecify.annotations.NullMarked;
