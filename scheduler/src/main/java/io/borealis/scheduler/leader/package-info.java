/**
 * Who leads, and what leading means.
 *
 * <p>A process is a standby that tails the journal until Curator's latch elects it; then it fences
 * the journal, catches up, builds its {@link io.borealis.scheduler.leader.Term} (everything only a
 * leader has, closed as a whole), and advertises itself last. The latch is a hint: only the
 * journal's fence decides who may write. All decisions are made on the leader loop.
 */
@NullMarked
package io.borealis.scheduler.leader;

import org.jspecify.annotations.NullMarked;
