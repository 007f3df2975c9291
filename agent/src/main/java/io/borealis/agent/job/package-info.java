/**
 * What a job says in the JSON of executorConfig.data: types, defaults, references, ports and
 * validation. Pure.
 */
@NullMarked
package io.borealis.agent.job;

import org.jspecify.annotations.NullMarked;
