/**
 * Turns a configuration file into plugins: reads it strictly, builds and checks everything, and
 * reports all that is wrong at once, each with its place.
 */
@NullMarked
package ai.llmd.epp.configuration;

import org.jspecify.annotations.NullMarked;
