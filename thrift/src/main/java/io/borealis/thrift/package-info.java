/**
 * The way in: an HTTP server, the API as Thrift and as JSON on top of it, and what happens around
 * every call. Nothing here knows how calls are answered, nor what makes a process the leader.
 */
@NullMarked
package io.borealis.thrift;

import org.jspecify.annotations.NullMarked;
