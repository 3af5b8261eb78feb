/**
 * What a command line is made of, for every program of this project: a visible table of flags with
 * their readers, and the units in which operators write values: Go durations, Kubernetes
 * quantities.
 */
@NullMarked
package ai.llmd.epp.commandline;

import org.jspecify.annotations.NullMarked;
