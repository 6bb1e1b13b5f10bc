"""ExceptionGroup: what split() and subgroup() choose. See ../exception_groups.test.ts."""

from stage import Boom, log, scenario


class Bang(Exception):
    """Another error that no library throws."""


def nested():
    return ExceptionGroup('outer', [
        Boom('a'),
        ExceptionGroup('inner', [Bang('b'), Boom('c')]),
        ExceptionGroup('last', [Bang('d')]),
    ])


@scenario
def by_class(_loop):
    group = nested()
    log(group.subgroup(Boom))
    log(group.subgroup(Bang))
    log(group.subgroup(KeyError))
    log(*group.split(Boom))
    log(*group.split(KeyError))


@scenario
def whole_groups(_loop):
    group = nested()
    log(group.subgroup(ExceptionGroup) is group, group.subgroup(Exception) is group)
    matching, rest = group.split(Exception)
    log(matching is group, rest)
    only = ExceptionGroup('only', [Boom('a'), Boom('b')])
    log(only.subgroup(Boom) is only, *only.split(Boom))


@scenario
def by_function(_loop):
    group = nested()

    def is_inner(error):
        return isinstance(error, ExceptionGroup) and error.message == 'inner'

    matching, rest = group.split(is_inner)
    log(matching, rest)
    log(matching.exceptions[0] is group.exceptions[1])
    log(group.subgroup(lambda error: str(error) in 'bd'))


@scenario
def deriving(_loop):
    group = nested()
    log(group.derive([Boom('other')]))
    matching, rest = group.split(Bang)
    log([len(matching.exceptions), len(rest.exceptions)])
