/**
 * Settings: one table ({@link io.borealis.config.Settings}) from which flags, environment
 * variables, file keys, Aurora's flag names, {@code --help} and the reference page are made; one
 * immutable record for each concern. Everything is immutable or for one thread at start-up.
 */
@NullMarked
package io.borealis.config;

import org.jspecify.annotations.NullMarked;
