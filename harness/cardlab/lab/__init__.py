"""Cards as a laboratory has them: what can be asked of one beside commands, who makes them, what keeps them from harm.

Nothing here knows pytest; ``cardlab.pytest_plugin`` and the commands use it, ``cardlab.kinds`` fills it.
"""
