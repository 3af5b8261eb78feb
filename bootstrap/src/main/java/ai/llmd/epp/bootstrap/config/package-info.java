/**
 * Turns a configuration file into plugins: reads it strictly, builds and checks everything, and
 * reports all that is wrong at once, each with its place.
 */
@NullMarked
package ai.llmd.epp.bootstrap.config;

import org.jspecify.annotations.NullMarked;
