"""MPI programs: their ranks find one another, over all nodes of the job."""

from computility.lab.modulefiles import MPI
from computility.model.compute_job import File, Launcher
from support.workloads import World, a_work

RANK = """
import ctypes, os

mpi = ctypes.CDLL("libmpi.so.40", mode=ctypes.RTLD_GLOBAL)
at = lambda name: ctypes.byref(ctypes.c_char.in_dll(mpi, name))
world, rank, size, total = at("ompi_mpi_comm_world"), ctypes.c_int(), ctypes.c_int(), ctypes.c_int()
mpi.MPI_Init(None, None)
mpi.MPI_Comm_rank(world, ctypes.byref(rank))
mpi.MPI_Comm_size(world, ctypes.byref(size))
mine = ctypes.c_int(10 ** rank.value)
numbers, add = at("ompi_mpi_int"), at("ompi_mpi_op_sum")
mpi.MPI_Allreduce(ctypes.byref(mine), ctypes.byref(total), 1, numbers, add, world)
print(rank.value, size.value, total.value, os.environ["SLURMD_NODENAME"], flush=True)
mpi.MPI_Finalize()
"""


async def test_the_ranks_of_an_mpi_program_add_up_their_numbers_over_two_nodes(world: World) -> None:
    work = a_work(
        "/usr/bin/python3", "rank.py",
        launcher=Launcher.MPI, files=(File(path="rank.py", content=RANK),),
        resources={"nodes": 2, "tasks_per_node": 2},
    )  # fmt: skip
    look = await world.end(work, modules=MPI["openmpi"], mpi="pmix")

    ranks = sorted(line.split() for line in look.stdout_tail.splitlines())
    assert [rank[:3] for rank in ranks] == [[str(n), "4", "1111"] for n in range(4)], look.stderr_tail
    assert len({rank[3] for rank in ranks}) == 2
